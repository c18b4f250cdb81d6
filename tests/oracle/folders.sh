# Sourced: which golden folders are made. Every line is a name and the options of `thor golden make`.

# What a system is called, and what no version has computed so far: made where the program can.
systems='dense st-moe gs-moe thor-top1 thor-top2 thor-topp thor-topp-no-task thor-topp-no-context thor-topp-predicted
thor-topp-golden thor-topp-infuse'
later='ls-moe hybrid-moe residual-moe lingual-moe'

# set KEY=VALUE…: the options that set them.
set_keys() { for pair in "$@"; do printf -- ' --set %s' "$pair"; done; }

without=$(set_keys model.dropout=0 model.attention_dropout=0)
dropout=$(set_keys model.dropout=0.1 model.attention_dropout=0.2 model.activation_dropout=0.15)
smoothing=$(set_keys loss.label_smoothing=0.1)
# Adam with a large eps and the second update at full rate: a wrong gradient moves the parameters.
moving=$(set_keys optimizer.eps=0.01 optimizer.lr=0.05 schedule.warmup=2)

# all_systems SCALE-NAME OPTIONS…: without and with dropout, the second with label smoothing.
all_systems() {
    name=$1
    shift
    for recipe in $systems $later; do
        echo "$recipe.$name --recipe $recipe $* --steps 5$moving$without"
        echo "$recipe.$name.dropout --recipe $recipe $* --steps 5$moving$dropout$smoothing"
    done
}

# The folders that the specification asks for beside those: the recipe's own Adam, one thing switched on at a time.
f5_variants() {
    for recipe in $systems $later; do
        echo "$recipe.warmup --recipe $recipe --scale tiny --steps 4$(set_keys schedule.warmup=2)$without"
        echo "$recipe.only-dropout --recipe $recipe --scale tiny --steps 1"
        echo "$recipe.only-smoothing --recipe $recipe --scale tiny --steps 1$without$smoothing"
    done
}

# Every other choice that a configuration has.
choices() {
    while read -r name recipe keys; do
        # shellcheck disable=SC2086 # keys are words
        echo "choice.$name --recipe $recipe --scale tiny --steps 5$moving$dropout$(set_keys task.candidates=5 $keys)"
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
END
}

quick_folders() {
    # Another number than the default of four: a verifier that does not read it is found.
    all_systems tiny --scale tiny --set task.candidates=5
    choices
}

long_folders() {
    f5_variants
    all_systems small --scale small --words 4-9
    all_systems base --scale base --set moe.experts=4 --set task.candidates=2 --pieces 200 --sentences 4 --words 4-8
}
