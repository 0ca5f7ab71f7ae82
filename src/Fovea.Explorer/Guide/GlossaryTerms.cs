namespace Fovea.Explorer.Guide;

/// <summary>The terms.</summary>
internal static partial class Glossary
{
    private const string Metrics = "definition: docs/reference/metrics.md";

    /// <summary>All terms by name.</summary>
    public static IReadOnlyList<GlossaryTerm> All => field ??= [.. Parts.Concat(Kinds).Concat(Words).Concat(Measurements).Concat(Scores).Concat(Pictures).Concat(Causes)
        .OrderBy(term => term.Name, StringComparer.OrdinalIgnoreCase)];

    private static GlossaryTerm[] Parts =>
    [
        new("activation", "Activation", "How strongly a unit reacts at one position of an image. Of a latent it is never negative.", null,
            "activations"),
        new("class-activation-map", "Class activation map",
            "For each position of an image, how much a layer says there for one class. Several methods differ in how they weigh the "
                + "channels.",
            "Grad-CAM: Selvaraju et al. 2017; HiResCAM: Draelos and Carin 2020; LayerCAM: Jiang et al. 2021", "CAM"),
        new("draw", "Draw", "A random choice of positions of an image, by a filter's score; also a position that was chosen so.", null, "draws"),
        new("dictionary", "Dictionary",
            "A set of directions into which the vectors of a layer are taken apart, so that a few of them add up to each vector. "
                + "Sparse autoencoders learn one.", "Bricken et al. 2023; Cunningham et al. 2023 (arXiv 2309.08600)", "dictionaries"),
        new("feature", "Feature",
            "Something that the network tells apart, such as a shape, a texture or a place. A good unit stands for one feature.", null,
            "features"),
        new("harvest", "Harvest", "Reading a layer's vectors for many images, and storing them.", null, "harvested"),
        new("held-out", "Held out", "Images, and their vectors, that no dictionary was trained on: what is measured is measured on them.", null),
        new("latent", "Latent", "A unit of a dictionary: how much of one of its directions is in a vector. Most latents are 0 most of "
            + "the time.",
            "Bricken et al. 2023", "latents"),
        new("layer", "Layer", "A place in the network where its numbers can be read: for each image a grid of positions, for each "
            + "position a vector.",
            null, "layers read", "channels"),
        new("neuron", "Neuron", "A unit of the layer itself: one channel, at all positions.", null, "neurons"),
        new("part", "Part", "A piece of a stage that one process makes alone. Many processes share a stage's parts.", "docs/guide/cluster.md"),
        new("patch-score", "Patch score",
            "A filter's number for each position of an image that says how much is to be seen there. Positions are drawn in proportion "
                + "to it, so that "
                + "dictionaries learn from what matters more than from background.", "the paper's section on patch filters, figure 8; "
                + "docs/paper.md",
            "filter", "patch scores"),
        new("position", "Position", "A cell of a layer's grid over the image, with one vector. What it sees of the image is its "
            + "receptive field.",
            null, "grid", "vectors", "vectors harvested"),
        new("receptive-field", "Receptive field", "The part of the image that one position of a layer depends on. Crops are cut to "
            + "it.", null),
        new("recipe", "Recipe", "The file that says what a run does: images, network, layers, dictionaries, pictures.", "docs/reference/recipes.md", "recipes"),
        new("run-folder", "Run folder", "Everything that a run made, in open formats; the same command continues in it.", "docs/reference/run-folder.md"),
        new("shard", "Shard",
            "A file of vectors of one layer, 64 MiB where nothing else is said. A dictionary's shards in the recipe are another thing: slices of "
                + "each batch, for several processes.", "docs/guide/cluster.md", "shards"),
        new("sparse-autoencoder", "Sparse autoencoder",
            "A small network that writes a vector as few latents and reads it back from them; its decoder's rows are the directions of "
                + "a dictionary.",
            "Bricken et al. 2023; TopK: Gao et al. 2024 (arXiv 2406.04093); JumpReLU: Rajamanoharan et al. 2024 (arXiv 2407.14435)",
            "SAE", "sparse autoencoders", "autoencoders"),
        new("splice", "Spliced in",
            "The layer's vectors are replaced by what the dictionary makes of them, and the rest of the network goes on from there. "
                + "What the network "
                + "then still gets right is what the dictionary has kept.", Metrics + ", “In the network”",
            "spliced", "top-1 spliced in", "cosine spliced in"),
        new("steering", "Steering", "A unit is weakened or strengthened by hand and the rest of the network is run again, to see what "
            + "it changes.",
            null),
        new("source", "Source of units", "Where units come from: the neurons of a layer, or one dictionary.", null),
        new("stage", "Stage", "One step of a run: train, harvest, dictionary, sweep, features, proof.", "docs/guide/stages.md", "stages"),
        new("worker", "Worker", "A process that makes parts of a run together with others; under Slurm, one task of an array.", "docs/guide/cluster.md", "workers"),
        new("unit", "Unit", "A neuron of a layer or a latent of a dictionary.", null, "units"),
    ];

    private static GlossaryTerm[] Measurements =>
    [
        new("coverage", "Coverage", "Of two dictionaries, the share of the larger one that is matched with something of the smaller one.",
            Metrics + ", “Comparing dictionaries”"),
        new("cosine", "Cosine", "How alike two directions are: 1 for the same, 0 for two that have nothing in common, −1 for opposite "
            + "ones.", null),
        new("dead", "Dead", "A latent that is 0 for every vector that was looked at. More vectors, fewer dead latents.", Metrics,
            "dead latents", "dead fraction"),
        new("dense", "Dense", "A latent that is active in more than a tenth of the vectors: too often to stand for one thing.",
            "Rajamanoharan et al. 2024 (arXiv 2407.14435)", "dense latents"),
        new("density", "Density", "The share of the positions at which a unit is active.", null, "active"),
        new("drop", "Drop", "How many times fewer latents are active than neurons, for the same vectors.", Metrics, "drop in active units"),
        new("fvu", "FVU", "Fraction of variance unexplained: the share of the vectors' variance that the dictionary loses. 0 is "
            + "perfect, 1 is no better than "
            + "the mean vector: E‖x − x̂‖² / E‖x − x̄‖². Variance explained is the rest, 1 − FVU.", Metrics,
            "variance unexplained (FVU)", "variance explained", "variance explained, best", "explained variance", "least FVU",
            "fraction of variance unexplained"),
        new("kl", "KL divergence", "How far the class probabilities move when a dictionary is spliced in, in nats; 0 where nothing "
            + "moves.", Metrics, "KL"),
        new("l0", "L0", "How many latents are active for a vector, on average.", Metrics, "active a vector (L0)"),
        new("loss-recovered", "Loss recovered",
            "How much of the network's performance comes back when the dictionary's reconstructions take the place of the mean vector, "
                + "or of zeros: "
                + "(H_ablated − H_spliced) / (H_ablated − H_original). 100 % is the network as it is.",
            "Bricken et al. 2023; Karvonen et al. 2025 (arXiv 2503.09532)", "recovered, mean", "recovered, zeros"),
        new("matched-cosine", "Matched cosine",
            "The mean cosine of the pairs of two dictionaries when each direction has one partner at most and the sum is as large as "
                + "it can be "
                + "(the Hungarian algorithm). Random directions reach well above 0. Where units are compared by their activity, correlations "
                + "stand in the cosines' place.",
            "O'Neill et al. 2024 (arXiv 2411.13117); Song et al. 2025 (arXiv 2505.20254)", "MCC", "matched pairs", "matched correlation"),
        new("mean-maximum-cosine", "Mean maximum cosine",
            "For each direction of one dictionary the cosine with the one of the other that is nearest, on average. Several may share "
                + "one, and the way "
                + "back gives another number.", "Sharkey et al. 2022", "MMCS", "mean maximum cosine, first to second",
            "mean maximum correlation, first to second", "and back"),
        new("percentile", "99.9th percentile",
            "The activation that a unit exceeds at one position in a thousand; of a unit that is active more seldom than that, at one "
                + "in a thousand of the "
                + "positions where it is active.", Metrics + ", “Rare units”", "99.9th percentile of when it fires"),
        new("relative-error", "Relative error", "How far the network's whole answer moves, as a share of its length; 0 where nothing "
            + "changes.", Metrics),
        new("top-1", "Top-1", "The share of images for which the class with the highest probability is the true one. Top-5: it is "
            + "among the first five.",
            null, "top-1 accuracy", "top-5", "top-5 accuracy", "top-1 original"),
        new("top-1-lost", "Top-1 lost", "How much accuracy the splice costs, with an interval from the same images seen by both.",
            "Miller 2024 (arXiv 2411.00640)", "top-1 lost (95 %)"),
    ];

    private static GlossaryTerm[] Scores =>
    [
        new("auroc", "AUROC", "How well a unit's activation tells where something is: the chance that it is higher there than "
            + "elsewhere. ½ tells nothing, 1 all.",
            Metrics + ", “Scores of units”", "best AUROC"),
        new("by-chance", "By chance", "The same score with the images shuffled, or drawn at random: what it would be if the unit meant "
            + "nothing.", Metrics),
        new("f1", "F1", "How well “the unit is above a threshold” says where something is: 1 without error. The best threshold and the "
            + "best thing are taken.",
            Metrics + ", “Scores of units”", "best F1"),
        new("monosemanticity", "Monosemanticity",
            "How alike the images are that a unit reacts to, in the eyes of another network, weighted by how strongly it reacts.",
            "Pach et al. 2025 (arXiv 2504.02821)"),
        new("purity", "Class purity", "The largest share that one class has of what activates a unit. 1: it reacts to one class only.",
            Metrics + ", “Scores of units”", "purity"),
        new("seed-agreement", "Agreement of seeds", "How alike pictures of a unit from different random starts are to the network: if "
            + "they are, the picture is no accident.",
            Metrics, "seed agreement"),
        new("selectivity", "Selectivity", "How far the class that drives a unit most stands out from the others: 0 not at all, 1 as "
            + "far as can be.",
            "Morcos et al. 2018 (arXiv 1803.06959)"),
        new("uniqueness", "Uniqueness", "How little the images that drive a unit most are those of other units. 0: another unit has "
            + "the very same.",
            Metrics + ", “Scores of units”"),
    ];

    private static GlossaryTerm[] Pictures =>
    [
        new("band", "Band", "Examples drawn from a range of strengths, not only the strongest, so that one sees what a unit reacts to "
            + "weakly.", null),
        new("near-miss", "Near miss", "An image that comes near to driving a unit and does not: what is missing tells what the unit "
            + "needs.", null, "near misses"),
        new("by-optimisation", "Picture by optimisation",
            "An image that was changed step by step so that a unit reacts more and more. It shows what the unit is looking for, not "
                + "what occurs.",
            "Erhan et al. 2009; Olah et al. 2017 (Distill)", "by optimisation", "picture"),
        new("preset", "Preset", "A recipe for pictures by optimisation: naive is the gradient alone, the others hold the picture to "
            + "what images look like.",
            "Fourier: Olah et al. 2017; MACO: Fel et al. 2023 (arXiv 2306.06805)", "presets"),
        new("reach", "Reach", "How many times the 99.9th percentile of real activations a picture drives its unit to. Below 1 it shows "
            + "less than the images do.",
            Metrics, "reaches", "picture over 99.9th percentile"),
    ];

    private static GlossaryTerm[] Causes =>
    [
        new("attribution", "Attribution",
            "A guess of what a unit adds to a number of the answer, from derivatives alone: cheap for all units at once, and sometimes wrong.",
            "Nanda 2023 (attribution patching); Marks et al. 2024 (arXiv 2403.19647)", "attributions"),
        new("circuit", "Circuit",
            "A few units of two layers, and the edges between them, that make a class or another unit together. It is put to the test: "
                + "everything else is taken out.", Metrics + ", “Circuits”; Marks et al. 2024 (arXiv 2403.19647)", "circuits"),
        new("completeness", "Completeness",
            "What is left of the answer without a circuit, as a share of what there is to explain. Near 0: nothing is missing from the "
                + "circuit.", Metrics + ", “Circuits”"),
        new("effect", "Effect",
            "What becomes of the answer when a unit is changed, mostly set to 0, and the rest of the network is run again. A unit can fire with "
                + "a class at every turn and have none.", Metrics + ", “Effects of units”", "effects", "clear effect"),
        new("erasure", "Erasure",
            "Directions are taken out of a layer's vectors so that a linear reader can no longer tell a group. INLP does it step by step, LEACE "
                + "at once and with the least change.", "Ravfogel et al. 2020; Belrose et al. 2023 (arXiv 2306.03819)", "INLP", "LEACE"),
        new("error-term", "Error",
            "What a dictionary's reconstruction leaves of a vector. Kept: the vector is changed by the unit alone. Dropped: the network sees the "
                + "dictionary alone.", Metrics + ", “Effects of units”", "error kept", "error dropped"),
        new("faithfulness", "Faithfulness",
            "How much of the answer is left where a circuit's units alone are left, as a share of what there is to explain: 1 is all of it.",
            Metrics + ", “Circuits”"),
        new("necessity", "Necessity, sufficiency",
            "Units are ranked by their attribution to a class. Necessity: what the answer has lost when the first m are taken out, as a share of what it was. Sufficiency, in "
                + "tables also “kept”: what it still is when all others are taken out.", Metrics + ", “Effects of units”", "necessity", "sufficiency", "kept"),
        new("integrated-gradients", "Integrated gradients",
            "The mean derivative on the way from nothing to what is there, times the difference. It sees causes that the derivative at the end "
                + "of the way does not.", "Sundararajan et al. 2017 (arXiv 1703.01365)"),
        new("replication", "Replication", "Whether matched latents of a dictionary trained from another start also do the same.",
            Metrics + ", “Effects of units”"),
        new("shortcut", "Shortcut",
            "Something that goes with a class in the training images and is no part of it, such as a mark or a background, and that the network "
                + "relies on.", Metrics + ", “Shortcuts”; Geirhos et al. 2020 (arXiv 2004.07780)", "shortcuts", "won back"),
    ];
}
