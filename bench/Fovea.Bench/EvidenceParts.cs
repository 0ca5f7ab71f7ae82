using Fovea.Dictionaries;
using Fovea.Dictionaries.Sparse;
using Fovea.Interpretation;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Bench;

/// <summary>
/// Where the time of evidence goes beyond the forward pass: each part alone, on maps of noise of the layer's shape, in milliseconds for all
/// images. Their sum may be more than what evidence takes beside a pass, which the next batch's forward pass shares the cores with.
/// </summary>
internal static class EvidenceParts
{
    private const int Times = 9;

    public static void Print(SparseAutoencoder dictionary, int channels, int side, int images, int batch)
    {
        int positions = side * side, rows = batch * positions;
        using Tensor maps = randn(batch, channels, side, side);
        var vectors = new float[rows * channels];
        PositionRows.Copy(maps, vectors);
        using var codes = new CodeStream(dictionary);
        using var product = new OwnProduct(vectors, dictionary);
        var options = new TopExamplesOptions { BatchSize = batch };
        var statistics = new UnitAccumulator(dictionary.LatentSize, latents: true, side, side, options, preActivations: true);
        int seen = 0;
        double Time(Action part)
        {
            part();
            return 1e3 * images / batch * Pairs.Median([.. Enumerable.Range(0, Times).Select(_ => Pairs.Seconds(part))]);
        }

        double copied = Time(() => PositionRows.Copy(maps, vectors)), multiplied = Time(product.Run);
        double encoded = Time(() => codes.Encode(vectors)), near = Time(() => codes.Encode(vectors, positions));
        double added = Time(() =>
        {
            statistics.Add(codes.Encode(vectors, positions), [.. Enumerable.Range(seen, batch)]);
            seen += batch;
        });
        Console.WriteLine(FormattableString.Invariant(
            $"  of {images} images: rows {copied:0} ms, product {multiplied:0} ms, choice of the active {encoded - multiplied:0} ms, largest pre-activations {near - encoded:0} ms, statistics {added - near:0} ms"));
    }
}
