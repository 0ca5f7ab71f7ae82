using Fovea.Imaging;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Visualization.Objectives;
using Fovea.Visualization.Pullbacks;
using Fovea.Visualization.Transforms;
using static TorchSharp.torch;

namespace Fovea.Visualization;

/// <summary>
/// The views of a batch's pictures in each step. View v of a picture is drawn from a stream of its own, so that it depends neither on the
/// batch nor on how many views there are. All views pass the network together, the first of every picture before the second.
/// </summary>
internal sealed class StepViews(IObjective objective, RenderOptions options, Preprocessing preprocessing, int size)
{
    private readonly ViewChain _chain = new(options, preprocessing, size);
    private readonly CounterRandom[][] _streams = [.. Enumerable.Range(0, options.Views).Select(view => Streams(view, objective, options))];

    /// <summary>New views <c>[V · N, 3, H, W]</c>, normalised, of pictures <c>[N, 3, H, W]</c> with colours in [0, 1].</summary>
    public IPullback Of(Tensor colours) => _streams is [var only]
        ? _chain.Of(colours, only)
        : new StackedPullback([.. _streams.Select(streams => _chain.Of(colours, streams))]);

    /// <summary>
    /// Pictures without transforms, as the network takes them: normalised, resampled where the network sees another size than theirs.
    /// </summary>
    public Tensor Plain(Tensor colours) => _chain.Plain(colours);

    /// <summary>The objective of each picture, the mean over its views: <c>[N]</c>.</summary>
    /// <param name="taps">What the network made of <see cref="Of"/>.</param>
    public Tensor Evaluate(ProbeResult taps)
    {
        if (_streams.Length == 1) return objective.Evaluate(taps);
        using var scope = NewDisposeScope();
        int pictures = objective.Keys.Count;
        return stack([.. _streams.Select((_, view) => objective.Evaluate(taps.Narrow(view * pictures, pictures)))]).mean([0L])
            .MoveToOuterDisposeScope();
    }

    private static CounterRandom[] Streams(int view, IObjective objective, RenderOptions options) =>
        [.. objective.Keys.Select(key => key.Stream(options.Seed, view == 0 ? "view" : $"view-{view + 1}"))];
}
