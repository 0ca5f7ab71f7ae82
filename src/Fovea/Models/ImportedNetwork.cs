using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models.Graph;
using Fovea.Models.Import;
using Fovea.Models.Torch;
using TorchSharp;

namespace Fovea.Models;

/// <summary>
/// A network that was read from a file of another tool: its graph, its weights, and what the file says about its use. Dispose it: it owns
/// the weights.
/// </summary>
public sealed class ImportedNetwork : IDisposable
{
    /// <summary>The network.</summary>
    public required NetworkGraph Graph { get; init; }

    /// <summary>Its tensors, by the names of the graph's weights.</summary>
    public required StateDict Weights { get; init; }

    /// <summary>Height and width in pixels of the images it was exported with; null where the file leaves them open.</summary>
    public required (int Height, int Width)? ImageSize { get; init; }

    /// <summary>
    /// Whether the file leaves <see cref="ImageSize"/> open but calculates with it, so that it was read for images of this size alone.
    /// </summary>
    public bool SizeOfImages { get; init; }

    /// <summary>
    /// Whether the file takes images as <c>[N, H, W, 3]</c>; the graph takes them as <c>[N, 3, H, W]</c>, as every graph.
    /// </summary>
    public bool ChannelsLast { get; init; }

    /// <summary>
    /// Whether the file takes images as whole numbers from 0 to 255, with what is done to them inside. The graph takes the same numbers as
    /// float32, so the preprocessing must leave them as they are: mean 0, standard deviation 1/255.
    /// </summary>
    public bool WholeNumbers { get; init; }

    /// <summary>What it gives: names, values of the graph, and sizes for one image; the answer is one of them.</summary>
    public required IReadOnlyList<NetworkOutput> Outputs { get; init; }

    /// <summary>The form of the file, and the tool that wrote it where it says so.</summary>
    public required string Source { get; init; }

    /// <summary>What was decided when it was read and might surprise.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The output that is the graph's.</summary>
    public required string Answer { get; init; }

    /// <summary>How many operations were calculated while reading: masks, index tables.</summary>
    public int Folded { get; init; }

    /// <summary>
    /// Convolutions into which the exporter multiplied the batch normalisation that followed: their values are those after it, and their
    /// weights are not the network's own.
    /// </summary>
    public IReadOnlyList<string> NormalisationFolded { get; init; } = [];

    /// <summary>How many images the file was exported for; null: any number.</summary>
    public int? ExportedBatch { get; init; }

    /// <summary>A network of it that can be used; the caller owns it.</summary>
    /// <param name="preprocessing">What images go through first.</param>
    /// <param name="classes">Its classes in the order of its outputs; null: not known.</param>
    /// <param name="flow">As it is (null), or modified for better gradients.</param>
    /// <param name="tokens">How layers of tokens <c>[N, T, C]</c> are grids; null: found from the operations.</param>
    /// <param name="asWritten">Layers whose values are <c>[N, T, C]</c> or <c>[N, H, W, C]</c> are read so, and an answer of probabilities
    /// stays one; false: as grids <c>[N, C, H, W]</c>, and the answer is the numbers that the probabilities are made of.</param>
    /// <param name="oneByOne">One image at a time is run, whatever the file takes: for networks that mix the images of a batch.</param>
    /// <exception cref="FoveaException">The classes are not as many as the outputs, an operation cannot be modified so, no layer has such
    /// tokens, or the preprocessing changes whole numbers.</exception>
    public ImageModel ToModel(
        Preprocessing preprocessing, ClassList? classes = null, GradientFlow? flow = null, TokenGrid? tokens = null,
        bool asWritten = false, bool oneByOne = false)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        if (WholeNumbers && !WholeImages.IsKept(preprocessing.Mean, preprocessing.Std)) throw WholeImages.Changed(Graph.Name);
        IReadOnlyList<long> answer = Outputs.FirstOrDefault(one => one.Value == Graph.Output)?.Shape ?? [];
        NetworkGraph graph = asWritten ? Graph : NumbersBefore.Of(Graph, answer).Graph;
        if (oneByOne) graph = graph.OneByOne();
        return new(tokens is null ? graph : graph.With(tokens), preprocessing, classes, flow, Weights,
            answer is [var count] ? (int)count : null, grids: !asWritten);
    }

    /// <summary>
    /// What images of a size go through where nobody says it: whole numbers stay as they are, others become ImageNet's.
    /// </summary>
    /// <param name="height">Pixels.</param>
    /// <param name="width">Pixels.</param>
    public Preprocessing UsualPreprocessing(int height, int width)
    {
        Preprocessing usual = WholeNumbers ? WholeImages.Preprocess(height) : Preprocessing.ImageNet(null, height);
        return new Preprocessing(null, height, usual.Mean, usual.Std, width: width);
    }

    /// <summary>Refuses images of a size that a network of this file cannot take, before anything is done with them.</summary>
    /// <param name="model">The network.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="width">Pixels.</param>
    /// <exception cref="FoveaException">Configuration: its operations do not fit images of this size.</exception>
    public void RequireSize(ImageModel model, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (ImageSize == (height, width)) return;
        if (SizeOfImages)
            throw FoveaException.BadConfiguration(
                $"{Graph.Name} calculates with the size of images, which its file leaves open, and was read for {ImageSize?.Height} × "
                    + $"{ImageSize?.Width}, not {height} × {width}: say the size ([data] crop, --input-size).");
        try
        {
            using var scope = torch.NewDisposeScope();
            using var quiet = torch.no_grad();
            model.Forward(torch.zeros([Graph.FixedBatch ?? 1, 3, height, width], device: model.Device));
        }
        catch (Exception e) when (IsOfSizes(e))
        {
            string way = ImageSize switch
            {
                null => "Give images of another size.",
                var (rows, columns) when rows == columns => $"It was exported for {rows} × {rows}: say so ([data] crop, --input-size), or "
                    + "export it for this size.",
                var (rows, columns) => $"It was exported for {rows} × {columns}: say so ([data] crop and width), or export it for this "
                    + "size.",
            };
            throw FoveaException.BadConfiguration(
                $"{Graph.Name} cannot take images of {height} × {width} pixels ({e.Message.Split('\n')[0].TrimEnd('.')}). {way}", e);
        }
    }

    /// <summary>Whether sizes do not fit each other; memory that runs out is another matter.</summary>
    private static bool IsOfSizes(Exception e) => e is FoveaException { Kind: FailureKind.Data or FailureKind.Configuration }
        || NodeFailure.IsOfSizes(e);

    /// <inheritdoc/>
    public void Dispose() => Weights.Dispose();
}

/// <summary>Something that a network gives.</summary>
/// <param name="Name">Its name: a key of a dictionary, <c>output</c>, <c>output1</c>.</param>
/// <param name="Value">The value in the graph.</param>
/// <param name="Shape">Its sizes for one image, <c>[5]</c>; empty where the file leaves them open.</param>
public sealed record NetworkOutput(string Name, string Value, IReadOnlyList<long> Shape);
