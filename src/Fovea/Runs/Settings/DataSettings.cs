namespace Fovea.Runs.Settings;

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
    /// Something to plant that goes with a class in training and is no part of it: <c>mark:&lt;class&gt;:&lt;correlation&gt;</c> paints a mark
    /// into the upper left corner; for <c>shapesworld</c> also <c>background:…</c> (stripes behind the object) and <c>colour:…</c> (a red
    /// object). Half of the images of every class show it in evaluation. Absent: nothing.
    /// </summary>
    public string? Shortcut { get; init; }

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
    /// Width of the centre crop, pixels, where the network takes images that are no squares: <c>crop</c> is then the height, and
    /// <c>resize</c> with <c>squash</c> the height before the crop. Absent: as <c>crop</c>; where that is absent too, as the network's own
    /// file says.
    /// </summary>
    public int? Width { get; init; }

    /// <summary>
    /// Mean of each channel, in [0, 1]. Absent: as the files beside a network say; for a network of the catalogue ImageNet's, [0.485,
    /// 0.456, 0.406]; for a network from a file without such files it must be said.
    /// </summary>
    public IReadOnlyList<double>? Mean { get; init; }

    /// <summary>Standard deviation of each channel. Absent: as <c>mean</c>; ImageNet's are [0.229, 0.224, 0.225].</summary>
    public IReadOnlyList<double>? Std { get; init; }
}
