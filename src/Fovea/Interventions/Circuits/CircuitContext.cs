using Fovea.Datasets;
using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Interventions.Circuits;

/// <summary>What every pass over the images shares: the network in three parts, what is explained, where the images are from.</summary>
internal sealed class CircuitContext(
    ImageModel model, CircuitNetwork network, CircuitTarget target, CircuitSide targetSide, IImageSource source, CircuitOptions options,
    Action<int> advance, CancellationToken cancellation)
{
    /// <summary>Numbers of a batch's codes: 128 MB.</summary>
    private const long MostNumbers = 1 << 25;

    /// <summary>The network in three parts.</summary>
    public CircuitNetwork Network => network;

    /// <summary>What is explained.</summary>
    public CircuitTarget Target => target;

    /// <summary>How.</summary>
    public CircuitOptions Options => options;

    /// <summary>Stops between two passes.</summary>
    public CancellationToken Cancellation => cancellation;

    /// <summary>Reads images batch by batch up to the earlier layer.</summary>
    /// <param name="images">Indices of the source.</param>
    /// <param name="most">Units of the larger side.</param>
    /// <param name="each">Gets a batch, its first pass and the earlier layer's output.</param>
    public void Each(IReadOnlyList<int> images, int most, Action<ImageBatch, ProbeResult, Tensor> each)
    {
        int positions = Math.Max(Positions(network.From), Positions(network.To));
        int size = (int)Math.Clamp(MostNumbers / Math.Max(1, (long)positions * most), 1, options.BatchSize);
        var loader = new ImageLoader(source, model.Preprocessing, new LoaderOptions { BatchSize = size });
        using ModelReader reader = model.Reader(new Probe(network.Reads));
        int done = 0;
        foreach (ImageBatch batch in loader.Load(images, cancellation))
        {
            if (batch.Count == 0) continue;
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            ProbeResult first = reader.Run(batch.ToTensor(model.Device));
            each(batch, first, first[network.From]);
            advance(batch.Count);
            done += batch.Count;
        }
        if (done == 0) throw FoveaException.BadData($"{source.Description} has no image to look at.");
    }

    /// <summary>What is explained, of each image, where the later layer's output is given: <c>[N]</c>, differentiable.</summary>
    public Tensor Metric(ProbeResult first, Tensor output)
    {
        if (target.Unit is { } unit)
            return targetSide.Values(CircuitSide.Rows(output)).select(1, unit).view(output.shape[0], -1).mean([1L]);
        Tensor logits = network.After(first, output);
        Tensor own = logits.select(1, target.Class!.Value);
        return target.Versus is { } versus ? own - logits.select(1, versus) : own;
    }

    private int Positions(string layer) =>
        model.Layers.First(one => one.Name == layer).Shape.Skip(1).Aggregate(1, (all, side) => all * side);
}
