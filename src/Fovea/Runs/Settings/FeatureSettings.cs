namespace Fovea.Runs.Settings;

/// <summary>Table <c>[features]</c>: stage 4. Defaults as section 9.2.3 of the paper.</summary>
public sealed record FeatureSettings
{
    /// <summary>Pictures made for the most active units of each source (neurons of each layer, latents of each SAE).</summary>
    public int Pictures { get; init; } = 16;

    /// <summary>Of these, how many also get a picture by each of <see cref="Presets"/>, side by side (figure 20).</summary>
    public int SideBySide { get; init; } = 2;

    /// <summary>Ways of making pictures that are shown beside the paper's.</summary>
    public IReadOnlyList<string> Presets { get; init; } = ["naive", "lucid", "maco"];

    /// <summary>Pictures of each unit and preset by different seeds; more than one tells how far they agree.</summary>
    public int Seeds { get; init; } = 1;

    /// <summary>Classes, drawn by the seed, that get a picture of what raises their logit; 0: none.</summary>
    public int ClassPictures { get; init; }

    /// <summary>
    /// Images that colours and the spectrum of natural images are measured on, for every preset but <c>naive</c>; absent: ImageNet's
    /// colours and 1/f^1.4.
    /// </summary>
    public int? MeasuredImages { get; init; }

    /// <summary>
    /// Neurons drawn through the standard and the modified network, step by step (figure 25); needs a modified network with published
    /// weights.
    /// </summary>
    public int Flow { get; init; }

    /// <summary>Steps after which those pictures are kept.</summary>
    public IReadOnlyList<double> FlowSteps { get; init; } = [5, 10, 50, 100, 200, 500];

    /// <summary>Optimisation steps of every preset; absent: each has its own (<c>paper</c> 200).</summary>
    public int? Steps { get; init; }

    /// <summary>Adam's learning rate in every preset; absent: each has its own (<c>paper</c> 1).</summary>
    public double? LearningRate { get; init; }

    /// <summary>Weight of the total variation in every preset but <c>naive</c>; absent: each has its own (<c>paper</c> 0.001).</summary>
    public double? TotalVariation { get; init; }

    /// <summary>
    /// Standard deviation of the blur after each step, pixels, in every preset but <c>naive</c>; absent: each has its own (<c>paper</c>
    /// 0.3).
    /// </summary>
    public double? Blur { get; init; }

    /// <summary>Views of each picture a step, over which the objective is averaged; absent: as the preset has it.</summary>
    public int? Views { get; init; }

    /// <summary>Side of the pictures, pixels; absent: the network's input size.</summary>
    public int? Size { get; init; }

    /// <summary>Features optimised together; absent: as many as memory allows, chosen once and kept in the run folder.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Dataset images kept for every unit.</summary>
    public int Examples { get; init; } = 9;

    /// <summary>Ids of images to compare neurons and latents on (figures 21 to 24); empty: one is drawn.</summary>
    public IReadOnlyList<string> Compare { get; init; } = [];

    /// <summary>Units shown at each end of a comparison.</summary>
    public int CompareUnits { get; init; } = 5;

    /// <summary>
    /// Classes that count as related to the compared images beside their own: names, or ranges of numbers such as <c>151-268</c>
    /// (ImageNet's dogs).
    /// </summary>
    public IReadOnlyList<string> Related { get; init; } = [];

    /// <summary>
    /// Another network, in whose eyes the images that a unit reacts to are alike or not (monosemanticity); absent: not judged.
    /// </summary>
    public JudgeSettings? Judge { get; init; }
}

/// <summary>The network that judges how alike images are; never the one that is explained.</summary>
public sealed record JudgeSettings
{
    /// <summary>A name from the catalogue.</summary>
    public required string Architecture { get; init; }

    /// <summary>A <c>.pth</c> or <c>.safetensors</c> file, relative to the recipe's folder.</summary>
    public required string Weights { get; init; }

    /// <summary>Its number of outputs.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>Side that images are resized to for it, pixels; absent: as the run's network sees them.</summary>
    public int? Size { get; init; }

    /// <summary>Images it looks at: a seeded draw from those harvested.</summary>
    public int Images { get; init; } = 2000;
}
