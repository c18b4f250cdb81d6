# Sourced by tests that train: tiny_corpus DIR writes a corpus of three invented languages, "de", "en" and "fr", whose
# sentences are each other's translations word by word, 200 to train on and 20 to validate.
tiny_corpus() {
    mkdir -p "$1"
    for split in train val; do
        for language in de en fr; do
            awk -v language=$language -v part=$split 'BEGIN {
                words["de"] = "der hund katze haus sieht rot gross klein mann frau baum geht und kauft wasser brot"
                words["en"] = "the dog cat house sees red big small man woman tree goes and buys water bread"
                words["fr"] = "le chien chat maison voit rouge grand petit homme femme arbre va et achete eau pain"
                count = split(words[language], word, " ")
                seed = part == "train" ? 7 : 99991
                lines = part == "train" ? 200 : 20
                for (i = 0; i < lines; i++) {
                    line = ""
                    length_ = 3 + draw(6)
                    for (j = 0; j < length_; j++) line = line (j ? " " : "") word[1 + draw(count)]
                    print line
                }
            }
            function draw(n) { seed = (seed * 1103 + 12345) % 65536; return int(seed * n / 65536) }' > "$1/$split.$language"
        done
    done
}
