namespace Fovea.Explorer.Guide;

/// <summary>The kinds of dictionaries, and words of recipes and of the field.</summary>
internal static partial class Glossary
{
    private const string Recipes = "docs/reference/recipes.md";

    private static GlossaryTerm[] Kinds =>
    [
        new("archetypal", "Archetypal", "A TopK autoencoder whose directions are mixtures of places where training vectors lie, so that two trainings agree more.",
            "Fel et al. 2025 (arXiv 2502.12892)"),
        new("auxk", "AuxK", "A second error that is minimised in training: dead latents alone reconstruct what the others left. It brings them back to life.",
            "Gao et al. 2024 (arXiv 2406.04093)"),
        new("batchtopk", "BatchTopK",
            "As TopK, but k for each vector is kept on average over a batch: one vector may use more than another. When it is used, a fixed threshold decides.",
            "Bussmann et al. 2024 (arXiv 2412.06410)"),
        new("gated", "Gated", "One part of the encoder decides which latents are active, another how strongly.", "Rajamanoharan et al. 2024 (arXiv 2404.16014)"),
        new("jumprelu", "JumpReLU", "Each latent has a threshold of its own, which is learned; below it the latent is 0.",
            "Rajamanoharan et al. 2024 (arXiv 2407.14435)"),
        new("l1", "L1", "The first form of a sparse autoencoder: the sum of the latents is a penalty, so that few are active. It makes active latents too small.",
            "Bricken et al. 2023; Cunningham et al. 2023 (arXiv 2309.08600)"),
        new("matching-pursuit", "Matching pursuit", "Latents are chosen one after the other, each the one that explains most of what is left.",
            "Costa et al. 2025 (arXiv 2506.03093)"),
        new("matryoshka", "Matryoshka", "The first few latents must reconstruct alone, and the first many, and all: general features come first, special ones later.",
            "Bussmann et al. 2025 (arXiv 2503.17547)"),
        new("plain-dictionary", "Plain dictionary",
            "One that is no autoencoder, for comparison: the neurons, random directions, PCA, ICA, k-means, NMF, semi-NMF.", Recipes, "baseline", "baselines"),
        new("topk", "TopK", "The k strongest latents of a vector are kept, the others are 0: how many are active is set, not tuned by a penalty.",
            "Gao et al. 2024 (arXiv 2406.04093)"),
    ];

    private static GlossaryTerm[] Words =>
    [
        new("ablation", "Ablation", "Something is taken out and the rest is run again: a unit is set to 0 or to its mean, or a layer to zeros.",
            Metrics + ", “Effects of units”", "ablated", "mute", "muted"),
        new("channel", "Channel", "One of the numbers that a layer has at each position: a layer of 512 channels gives vectors of 512 numbers.", null),
        new("code", "Code", "What the encoder makes of a vector: one number for each latent, mostly 0.", null, "codes"),
        new("curve", "Curve", "A number, such as accuracy, while units are taken away or put back one after the other, in the order of a ranking.",
            Metrics + ", “Effects of units”", "curves"),
        new("decoder", "Decoder", "The half of an autoencoder that adds up directions, each as often as its latent says. Its rows are the directions.", null),
        new("encoder", "Encoder", "The half of an autoencoder that makes latents from a vector.", null),
        new("epoch", "Epoch", "Once through all images, or through all drawn vectors.", null, "epochs"),
        new("evidence", "Evidence", "What a unit's page shows: its strongest images, bands, near misses, classes, and how they were counted.", null),
        new("expansion", "Expansion", "Latents for each channel of the layer: 8 on a layer of 512 channels is 4,096 latents.", Recipes),
        new("frontier", "Frontier", "Of many dictionaries, those that no other beats in both sparsity and error (Pareto).", null, "Pareto"),
        new("importance-sampling", "Importance sampling",
            "Positions are drawn more often where a score is high, and may be weighted by the inverse of it so that means stay right. See Draw and Patch score.",
            "the paper's section on patch filters; docs/paper.md"),
        new("judge", "Judge", "Another network that says how alike images are. It is never the network that is explained.", Recipes),
        new("lease", "Lease", "How long a worker may be silent before others take over the part that it had claimed.", "docs/guide/cluster.md"),
        new("linear-head", "Linear head", "A network's end where only a mean over positions and a linear layer follow: there a class's score is a sum over units.",
            null),
        new("logit", "Logit", "The network's score of a class before the softmax makes probabilities of all scores.", null, "logits"),
        new("planted", "Planted", "Vectors or networks that are made from known features, so that what is found can be held against the truth.",
            "docs/reference/planted.md"),
        new("pre-activation", "Pre-activation", "A latent's number before a variant decides whether it is active.", null, "pre-activations"),
        new("reference-network", "Reference network",
            "In a study of a shortcut, a network trained in the same way on images without it: the best that mending could reach.", "docs/shortcuts.md"),
        new("shapesworld", "ShapesWorld", "Images of coloured shapes with patterns that the program draws itself, for which the truth is known.",
            "docs/reference/data.md"),
        new("sparsity", "Sparsity", "How few latents are active. In a recipe the number that steers it: k of the TopK kinds, a penalty's weight of the others.",
            Recipes, "k"),
        new("sweep", "Sweep", "Many dictionaries of one layer, trained and compared in one table and one picture.", "docs/guide/stages.md", "sweeps"),
    ];
}
