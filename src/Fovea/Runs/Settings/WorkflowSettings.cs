using Fovea.Dictionaries.Sparse;

namespace Fovea.Runs.Settings;

/// <summary>
/// Everything that decides the result of a run: what a recipe says, with defaults for what it leaves out. Numbers live here and in the
/// run folder, nowhere else. Keys of a recipe are these names in snake_case; tables are the nested types. A default that is a number stands
/// as that number; one that depends on something else is said by leaving the key out, never by 0. 0 is a number: none.
/// </summary>
public sealed record WorkflowSettings
{
    /// <summary>Version of the recipe format.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>Name of the recipe; becomes part of the run folder's name.</summary>
    public required string Name { get; init; }

    /// <summary>One or two sentences for the report's first page.</summary>
    public string Description { get; init; } = "";

    /// <summary>The seed every random number of the run is drawn from, with the stage and the item.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Where images come from and how they become inputs.</summary>
    public required DataSettings Data { get; init; }

    /// <summary>The network and its weights.</summary>
    public required ModelSettings Model { get; init; }

    /// <summary>Stage 1; absent: the weights are used as they are.</summary>
    public TrainSettings? Train { get; init; }

    /// <summary>Stage 2; absent: the run ends after stage 1.</summary>
    public HarvestSettings? Harvest { get; init; }

    /// <summary>Stage 3: the sparse autoencoders to train (<c>[[dictionary]]</c>).</summary>
    public IReadOnlyList<DictionarySettings> Dictionary { get; init; } = [];

    /// <summary>Stage 3, many at once: sets of autoencoders and plain dictionaries to be compared (<c>[[sweep]]</c>).</summary>
    public IReadOnlyList<SweepSettings> Sweep { get; init; } = [];

    /// <summary>Stage 4; absent: no pictures.</summary>
    public FeatureSettings? Features { get; init; }
}

/// <summary>Table <c>[data]</c>: the images of a run.</summary>
public sealed record DataSettings
{
    /// <summary>A folder, a tar, an image, or <c>shapesworld</c>; relative to the recipe's folder.</summary>
    public required string Source { get; init; }

    /// <summary>
    /// A class list that fixes the order of the classes (a TSV <c>index, id, name</c>, JSON, or <c>LOC_synset_mapping.txt</c>); relative to
    /// the recipe's folder.
    /// </summary>
    public string? Classes { get; init; }

    /// <summary>
    /// Where the labels of ImageNet's validation images are, relative to the recipe's folder: the devkit
    /// (<c>ILSVRC2012_devkit_t12.tar.gz</c>, or the folder in it) or Kaggle's <c>LOC_val_solution.csv</c>. Absent: looked for in the source
    /// and beside it.
    /// </summary>
    public string? Labels { get; init; }

    /// <summary>
    /// <c>auto</c>, <c>folders</c>, <c>class-folders</c> (a folder named like a split is a class), <c>tiny-imagenet</c>, <c>imagenet</c>, <c>webdataset</c>,
    /// <c>parquet</c> or <c>unlabelled</c> (all images, without classes; for <c>[model] classes = "other"</c> or <c>"none"</c>).
    /// </summary>
    public string Layout { get; init; } = "auto";

    /// <summary>Split that training reads; ignored by sources without splits.</summary>
    public string TrainSplit { get; init; } = "train";

    /// <summary>Split that evaluation reads; ignored by sources without splits.</summary>
    public string ValidationSplit { get; init; } = "val";

    /// <summary>
    /// Share of each class that is held out for validation where <c>[train]</c> is asked for and the data have no validation split; drawn
    /// from the seed.
    /// </summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>At most this many training images (a seeded draw, equal per class as far as it goes); absent: all.</summary>
    public int? TrainImages { get; init; }

    /// <summary>At most this many validation images; absent: all.</summary>
    public int? ValidationImages { get; init; }

    /// <summary>
    /// Length of the short side after resizing, pixels. Absent: no resizing; where <c>crop</c> is absent too and a network's file has its
    /// preprocessing beside it, as that says.
    /// </summary>
    public int? Resize { get; init; }

    /// <summary>Both sides become <c>resize</c>, whatever the picture's shape; absent: the short side does, and as <c>resize</c>.</summary>
    public bool? Squash { get; init; }

    /// <summary>
    /// The filter that resizes, as Pillow has it: <c>bilinear</c>, <c>bicubic</c>, <c>lanczos</c>, <c>box</c>, <c>hamming</c>. Absent: as
    /// the files beside a network say, else <c>bilinear</c>.
    /// </summary>
    public string? Interpolation { get; init; }

    /// <summary>
    /// Side of the centre crop, pixels: the network's input. Absent: as the files beside a network, or its own file, say, else 224.
    /// </summary>
    public int? Crop { get; init; }

    /// <summary>
    /// Mean of each channel, in [0, 1]. Absent: as the files beside a network say; for a network of the catalogue ImageNet's, [0.485,
    /// 0.456, 0.406]; for a network from a file without such files it must be said.
    /// </summary>
    public IReadOnlyList<double>? Mean { get; init; }

    /// <summary>Standard deviation of each channel. Absent: as <c>mean</c>; ImageNet's are [0.229, 0.224, 0.225].</summary>
    public IReadOnlyList<double>? Std { get; init; }
}

/// <summary>Table <c>[model]</c>: the network.</summary>
public sealed record ModelSettings
{
    /// <summary>
    /// A name from the catalogue: <c>resnet18</c>, <c>resnet34</c>, <c>resnet50</c>, <c>mobilenet_v2</c>,
    /// <c>googlenet</c>, <c>small_cnn</c>; absent where <c>network</c> names a file.
    /// </summary>
    public string Architecture { get; init; } = "";

    /// <summary>
    /// A network that <c>torch.export.save</c> (<c>.pt2</c>) or <c>torch.onnx.export</c> and other tools (<c>.onnx</c>) wrote, with its
    /// weights, relative to the recipe's folder. What images go through first is not in such a file: <c>[data]</c> says it.
    /// </summary>
    public string? Network { get; init; }

    /// <summary>
    /// A file like <c>network</c> whose graph images go through before it, after what <c>[data]</c> says: a change of the order of the
    /// channels, a mean image. Absent: none.
    /// </summary>
    public string? Preprocess { get; init; }

    /// <summary>Which of the outputs of <c>network</c> is the answer; absent: the one with as many numbers as there are classes.</summary>
    public string? Output { get; init; }

    /// <summary>
    /// How the tokens of <c>network</c> are a grid, rows × columns: <c>14x14</c>; absent: found from its operations.
    /// </summary>
    public string? Tokens { get; init; }

    /// <summary>How many tokens stand before those of <c>tokens</c>; absent: all that there are more than the grid has.</summary>
    public int? Prefix { get; init; }

    /// <summary>A <c>.pth</c> or <c>.safetensors</c> file, relative to the recipe's folder; absent: initialised from the seed.</summary>
    public string? Weights { get; init; }

    /// <summary>
    /// Which weights of a checkpoint that holds several, such as <c>state_dict_ema</c>; absent: the usual ones, with a warning that names
    /// the others.
    /// </summary>
    public string? WeightsKey { get; init; }

    /// <summary>
    /// What the numbers of the answer are. <c>network</c>: the network's own classes, which those of the images must be, in the same order.
    /// <c>data</c>: the classes of the images; the last layer is replaced by a fresh one, drawn from the seed, with an output for each, all
    /// other weights stay, and <c>[train]</c> teaches it. <c>other</c>: the network's own classes, which are not those of the images, whose
    /// labels, if they have any, serve evidence alone; accuracy is left out. <c>none</c>: no classes (an embedding, a feature extractor);
    /// what needs classes is left out.
    /// </summary>
    public string Classes { get; init; } = NetworkClasses.Own;

    /// <summary>
    /// The network's own words for its classes, where they are not the images' (<c>classes = "other"</c>): a class list in any form that
    /// <c>[data] classes</c> takes, relative to the recipe's folder. Absent: they are called by their numbers.
    /// </summary>
    public string? ClassList { get; init; }

    /// <summary>The paper's first change: max-pooling becomes average pooling.</summary>
    public bool AveragePooling { get; init; }

    /// <summary>The paper's second change: slope of LeakyReLU in place of ReLU and ReLU6 (0.01 there); 0: unchanged.</summary>
    public double LeakySlope { get; init; }

    /// <summary>
    /// What reads values where neither gradients nor edits are asked for: <c>onnxruntime</c>, an error where it cannot; <c>torch</c>.
    /// Absent: ONNX Runtime where it gives the values, else libtorch, and the log says which and why.
    /// </summary>
    public string? Engine { get; init; }
}

/// <summary>Table <c>[train]</c>: stage 1. Defaults as section 6.3 of the paper.</summary>
public sealed record TrainSettings
{
    /// <summary>Passes over the training images.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Images a step.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Learning rate at the start of the cosine.</summary>
    public double LearningRate { get; init; } = 4e-5;

    /// <summary>Learning rate at its end.</summary>
    public double MinimumLearningRate { get; init; }

    /// <summary>A checkpoint that a killed run continues from is written after this many steps, and after each epoch.</summary>
    public int CheckpointEverySteps { get; init; } = 250;

    /// <summary>Random resized crop, flip, colour jitter and erasing; false: preprocessing alone.</summary>
    public bool Augment { get; init; } = true;

    /// <summary>Smallest area of the random resized crop, as a share of the image.</summary>
    public double CropScale { get; init; } = 0.08;

    /// <summary>Probability of a horizontal flip.</summary>
    public double Flip { get; init; } = 0.5;

    /// <summary>Colour jitter: brightness, contrast and saturation are scaled by 1 ± this.</summary>
    public double Jitter { get; init; } = 0.2;

    /// <summary>Colour jitter: the hue turns by up to ± this share of the circle.</summary>
    public double Hue { get; init; } = 0.05;

    /// <summary>Probability of random erasing.</summary>
    public double Erase { get; init; } = 0.25;

    /// <summary>
    /// Training images on which the statistics of batch normalisation are measured anew before each validation, as evaluation sees them;
    /// absent, as in the paper: running averages over augmented batches.
    /// </summary>
    public int? StatisticsImages { get; init; }

    /// <summary>Other trainings on the same data, for a figure like the paper's fourth (<c>[[train.compare]]</c>).</summary>
    public IReadOnlyList<CompareSettings> Compare { get; init; } = [];
}

/// <summary>Table <c>[[train.compare]]</c>: one more curve beside the run's own training.</summary>
public sealed record CompareSettings
{
    /// <summary>The curve's name in the figure.</summary>
    public required string Name { get; init; }

    /// <summary>The network.</summary>
    public required ModelSettings Model { get; init; }

    /// <summary>With the run's augmentation, or without any.</summary>
    public bool Augment { get; init; } = true;

    /// <summary>Learning rate at the start; absent: the run's.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Epochs; absent: the run's.</summary>
    public int? Epochs { get; init; }
}

/// <summary>Table <c>[harvest]</c>: stage 2. Defaults as section 7.3 of the paper.</summary>
public sealed record HarvestSettings
{
    /// <summary>Layers to read, by name; all in one forward pass.</summary>
    public required IReadOnlyList<string> Layers { get; init; }

    /// <summary>Patch scores: <c>none</c>, <c>magnitude</c>, <c>active</c>, <c>median</c>, <c>maximum</c>, <c>gradcam</c>; and class
    /// activation maps beyond the paper:
    /// <c>gradcam-signed</c>, <c>hirescam</c>, <c>layercam</c>, <c>gradcam-pp</c>, <c>xgradcam</c>, <c>eigencam</c>, and
    /// <c>ablationcam</c>, which costs a pass for every channel.</summary>
    public IReadOnlyList<string> Filters { get; init; } = ["none", "magnitude", "active", "median", "maximum", "gradcam"];

    /// <summary>Which images: <c>train</c> or <c>validation</c> (the paper's choice).</summary>
    public string Split { get; init; } = "validation";

    /// <summary>At most this many images (a seeded draw); absent: all.</summary>
    public int? Images { get; init; }

    /// <summary>Images a forward pass.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Threshold ε of the number of active units.</summary>
    public double ActiveThreshold { get; init; } = 0.1;

    /// <summary>Share of the images whose vectors are held out from stage 3.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>Images whose maps are kept for figure 8.</summary>
    public int SampleImages { get; init; } = 5;
}

/// <summary>
/// Table <c>[[dictionary]]</c>: one sparse autoencoder. <c>architecture</c> chooses the variant; a key of another variant is refused.
/// </summary>
public sealed record DictionarySettings
{
    /// <summary>Its name: a folder and a title.</summary>
    public required string Name { get; init; }

    /// <summary>The harvested layer it learns.</summary>
    public required string Layer { get; init; }

    /// <summary>The filter whose draws it is trained on.</summary>
    public string Filter { get; init; } = "magnitude";

    /// <summary>Whether to measure the classifier with this SAE spliced in.</summary>
    public bool Splice { get; init; } = true;

    /// <summary>How it is made and trained; name and seed are the dictionary's and the run's.</summary>
    [SameTable(nameof(AutoencoderOptions.Seed))]
    public required AutoencoderOptions Options { get; init; }

    /// <summary>The options with the dictionary's name and the run's seed.</summary>
    internal AutoencoderOptions OptionsFor(ulong seed) => Options with { Name = Name, Seed = seed };
}

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
