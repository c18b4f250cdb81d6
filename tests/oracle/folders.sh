# Sourced: which golden folders are made. Every line is a name and the options of `thor golden make`. $thor and $scratch
# are the sourcing script's.
# shellcheck disable=SC2154

systems='dense st-moe gs-moe thor-top1 thor-top2 thor-topp thor-topp-no-task thor-topp-no-context thor-topp-predicted
thor-topp-golden thor-topp-infuse ls-moe hybrid-moe residual-moe residual-softmax lingual-moe lingual-topp
lingual-no-family'
# set KEY=VALUE…: the options that set them.
set_keys() { for pair in "$@"; do printf -- ' --set %s' "$pair"; done; }

without=$(set_keys model.dropout=0 model.attention_dropout=0)
dropout=$(set_keys model.dropout=0.1 model.attention_dropout=0.2 model.activation_dropout=0.15)
smoothing=$(set_keys loss.label_smoothing=0.1)
# Adam with a large eps and the second update at full rate: a wrong gradient moves the parameters.
moving=$(set_keys optimizer.eps=0.01 optimizer.lr=0.05 schedule.warmup=2)

# recipe SYSTEM [EXPERTS]: its options. ls-moe has as many languages as there are pairs of experts, of which there are 4
# without the number.
recipe() {
    case $1 in
    ls-moe) echo "--recipe ls-moe --languages $((${2:-8} / 2))" ;;
    residual-softmax) echo "--recipe residual-moe$(set_keys residual.form=softmax router.k=1)" ;;
    lingual-topp) echo "--recipe lingual-moe$(set_keys router.policy=top_p moe.capacity_factor=0 loss.dynamic=0.1)" ;;
    lingual-no-family) echo "--recipe lingual-moe$(set_keys lingual.family_loss=false)" ;;
    *) echo "--recipe $1" ;;
    esac
}

# all_systems SCALE-NAME EXPERTS OPTIONS…: without and with dropout, the second with label smoothing.
all_systems() {
    name=$1 experts=$2
    shift 2
    for system in $systems; do
        echo "$system.$name $(recipe "$system" "$experts") $* --steps 5$moving$without"
        echo "$system.$name.dropout $(recipe "$system" "$experts") $* --steps 5$moving$dropout$smoothing"
    done
}

# The folders that the specification asks for beside those: the recipe's own Adam, one thing switched on at a time.
f5_variants() {
    for system in $systems; do
        options="$(recipe "$system") --scale tiny"
        echo "$system.warmup $options --steps 4$(set_keys schedule.warmup=2)$without"
        echo "$system.only-dropout $options --steps 1"
        echo "$system.only-smoothing $options --steps 1$without$smoothing"
    done
}

# Every other choice that a configuration has.
choices() {
    while read -r name system keys; do
        # shellcheck disable=SC2086 # keys are words
        echo "choice.$name $(recipe "$system") --scale tiny --steps 5$moving$dropout$(set_keys task.candidates=5 $keys)"
    done << 'END'
post thor-topp model.norm=post
post-dense dense model.norm=post
post-gs gs-moe model.norm=post
capacity thor-top2 moe.capacity_factor=1.0
capacity-tight thor-top2 moe.capacity_factor=0.5 balance.count=first
capacity-top1 thor-top1 moe.capacity_factor=1.0
capacity-all thor-top2 task.representation=none task.use=none moe.capacity_factor=0.7
position gs-moe moe.capacity_order=position
plain-weights thor-top2 router.renormalize=false
plain-capacity thor-top2 router.renormalize=false moe.capacity_factor=0.6
one-weight thor-top1 router.renormalize=true
three-of-four thor-top2 router.k=3 task.candidates=4
add thor-topp context.form=add
feed thor-topp context.feed_experts=true
feed-infuse thor-topp-infuse context.feed_experts=true context.form=add
infuse-none thor-topp-infuse context.form=none
infuse-golden thor-top2 task.use=infuse task.representation=golden
mean thor-topp task.pool=mean
cls thor-topp task.pool=cls
tap thor-topp task.tap=embedding
every-1 thor-topp moe.every=1
every-2-of-4 thor-topp model.encoder_layers=4 model.decoder_layers=3
decoder-only thor-topp model.encoder_layers=1
source thor-topp task.label=source_language
pair thor-topp task.label=pair
sentences thor-topp balance.task_over=sentences
sentences-golden thor-topp-golden balance.task_over=sentences
first thor-topp balance.count=first
most thor-topp router.p=0.95
all-of-them thor-topp router.p=1 task.candidates=8
weights thor-topp loss.task=1 loss.task_balance=0.7 loss.token_balance=0.6 loss.dynamic=0.5
decay thor-topp optimizer.weight_decay=0.1
free-norm thor-topp optimizer.clip_norm=0
clipped thor-topp optimizer.clip_norm=0.05
half-dropped dense model.dropout=0.45 model.attention_dropout=0.35 model.activation_dropout=0.7
one-head dense model.heads=1
fixed-post ls-moe model.norm=post
fixed-capacity ls-moe moe.capacity_factor=0.4
fixed-position ls-moe moe.capacity_factor=0.4 moe.capacity_order=position
fixed-idle ls-moe moe.experts=11
fixed-balance ls-moe loss.token_balance=1 balance.count=first moe.every=1
hybrid-post hybrid-moe model.norm=post
hybrid-free hybrid-moe moe.capacity_factor=0
hybrid-tight hybrid-moe moe.capacity_factor=0.3
hybrid-position hybrid-moe moe.capacity_order=position
hybrid-one hybrid-moe router.k=1
hybrid-plain hybrid-moe router.renormalize=false moe.every=1
hybrid-topp hybrid-moe router.policy=top_p moe.capacity_factor=0 router.p=0.6 loss.dynamic=0.5
hybrid-weights hybrid-moe loss.token_balance=1 balance.count=selected
residual-post residual-moe model.norm=post
residual-free residual-moe moe.capacity_factor=0
residual-tight residual-moe moe.capacity_factor=0.3
residual-over residual-moe residual.budget=0.2 residual.budget_weight=2
residual-no-budget residual-moe residual.budget_weight=0 moe.every=1
residual-topp residual-moe router.policy=top_p moe.capacity_factor=0
softmax-post residual-softmax model.norm=post
softmax-free residual-softmax moe.capacity_factor=0 moe.every=1
softmax-tight residual-softmax moe.capacity_factor=0.3
lingual-post lingual-moe model.norm=post
lingual-free lingual-moe moe.capacity_factor=0
lingual-tight lingual-moe moe.capacity_factor=0.4
lingual-position lingual-moe moe.capacity_order=position moe.every=1
lingual-three lingual-moe router.k=3
lingual-most lingual-topp router.p=0.95
lingual-family lingual-moe lingual.family_weight=2 optimizer.weight_decay=0.1
lingual-clipped lingual-moe lingual.family_weight=1 optimizer.clip_norm=0.05
lingual-all-of-them lingual-moe task.candidates=8
lingual-dynamic lingual-moe lingual.dynamic=true
END
}

# Groups that have grown stand in a configuration file: --set refuses lingual.sizes. Eight languages have all classes.
grown_groups() {
    "$thor" train --recipe lingual-moe --scale tiny --set task.candidates=4 --set lingual.dynamic=true --print-config |
        awk '!/"sizes":/ { print } /"dynamic": true/ { print "    \"sizes\": [4, 6, 8]," }' > "$scratch/grown.json"
    grown="--recipe $scratch/grown.json --languages 8 --sentences 12 --steps 5$moving"
    echo "lingual-moe.grown $grown$without"
    echo "lingual-moe.grown-free $grown$dropout$(set_keys moe.capacity_factor=0)"
    echo "lingual-moe.grown-topp $grown$dropout$(set_keys moe.capacity_factor=0 router.policy=top_p router.p=0.8)"
    echo "lingual-moe.sixteen $(recipe lingual-moe) --scale tiny --languages 16 --steps 5$moving$dropout"
}

quick_folders() {
    # Another number than the default of four: a verifier that does not read it is found.
    all_systems tiny 8 --scale tiny --set task.candidates=5
    choices
    grown_groups
}

long_folders() {
    f5_variants
    all_systems small 8 --scale small --words 4-9
    all_systems base 4 --scale base --set moe.experts=4 --set task.candidates=2 --pieces 200 --sentences 4 --words 4-8
}
