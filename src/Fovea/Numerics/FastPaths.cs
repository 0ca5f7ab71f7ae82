namespace Fovea.Numerics;

/// <summary>A way of computing that exists because it is fast, beside a plain one that gives the same.</summary>
internal enum FastPath
{
    /// <summary>Codes of a sparse autoencoder by blocks in the cache, without their dense form.</summary>
    EncodeEntries,

    /// <summary>Reconstructions from active entries alone.</summary>
    DecodeEntries,

    /// <summary>A training step over active entries.</summary>
    TrainEntries,

    /// <summary>A training step by tensors over active entries.</summary>
    TrainTensors,

    /// <summary>An evaluation over active entries.</summary>
    EvaluateEntries,

    /// <summary>The k largest of a row by the maxima of its stripes.</summary>
    StripedSelection,

    /// <summary>Pre-activations in tiles of 512-bit vectors.</summary>
    WideProduct,

    /// <summary>Pre-activations in tiles of 256-bit vectors.</summary>
    NarrowProduct,

    /// <summary>A pointwise operation of a network in the memory of its input.</summary>
    OverwriteValue,

    /// <summary>A batch normalisation in the weights of the layer before it.</summary>
    FoldedNormalisation,

    /// <summary>A first convolution over blocks of pixels, for its derivative by the images.</summary>
    SpaceToDepth,

    /// <summary>A convolution of each channel by itself as a sum over its window's places, where libtorch makes one a channel.</summary>
    DepthwiseSum,

    /// <summary>Images, or a layer's maps, handed to a network with all channels of a position together.</summary>
    ChannelsLast,

    /// <summary>A pass that ONNX Runtime made.</summary>
    OnnxRuntime,

    /// <summary>Vectors of a layer's positions, and scores of them, from its maps without libtorch.</summary>
    PositionRows,

    /// <summary>A batch gathered from a window of a store that was read ahead.</summary>
    WindowBatch,

    /// <summary>A pass through a network that ends at the deepest layer that is read.</summary>
    EarlyEnd,

    /// <summary>Derivatives that are recorded from the layers on that they are asked for at, not from the input on.</summary>
    LateRecord,

    /// <summary>What follows a changed layer, run alone on what stood before it.</summary>
    SharedPass,

    /// <summary>Changes of latents on codes that are known, without coding the vectors once more.</summary>
    KeptCodes,

    /// <summary>Ablations before average pooling and a linear head by one product, without a pass each.</summary>
    PooledAblation,

    /// <summary>Changes of units that have the values already that they are given, without a pass.</summary>
    SilentChange,

    /// <summary>Adam's update of a network's parameters in one pass over each.</summary>
    FusedAdam,

    /// <summary>Colours of pictures and their derivative in one pass.</summary>
    PictureColours,

    /// <summary>Affine views of pictures and their derivative in one pass.</summary>
    PictureViews,

    /// <summary>The derivative of total variation without a record.</summary>
    PictureVariation,

    /// <summary>The blur of pictures in place.</summary>
    PictureBlur,

    /// <summary>Adam's update of pictures in one pass.</summary>
    PictureAdam,
}

/// <summary>
/// Counts the fast paths that ran, so that a test sees whether one is taken: both ways give the same numbers, and a path that nobody takes
/// is found by nothing else. Counted once a batch, for the thread that asked.
/// </summary>
internal static class FastPaths
{
    [ThreadStatic]
    private static long[]? OfThread;

    private static long[] Counts => OfThread ??= new long[Enum.GetValues<FastPath>().Length];

    /// <summary>Says that a path ran, on the calling thread's behalf.</summary>
    public static void Ran(FastPath path) => Counts[(int)path]++;

    /// <summary>How often a path ran for the calling thread.</summary>
    public static long Count(FastPath path) => Counts[(int)path];
}
