using Fovea.Models;
using Fovea.Visualization.Objectives;
using Fovea.Visualization.Transforms;
using static TorchSharp.torch;

namespace Fovea.Visualization;

/// <summary>
/// The views of a batch's pictures in each step. View v of a picture is drawn from a stream of its own, so that it depends neither on the batch nor on how many
/// views there are. All views pass the network together, the first of every picture before the second.
/// </summary>
internal sealed class StepViews(IObjective objective, RenderOptions options, int size)
{
    private readonly ViewChain _chain = new(options, size);
    private readonly CounterRandom[][] _streams = [.. Enumerable.Range(0, options.Views).Select(view => Streams(view, objective, options))];

    /// <summary>New views <c>[V · N, C, H, W]</c> of normalised pictures <c>[N, C, H, W]</c>.</summary>
    public Tensor Draw(Tensor pictures)
    {
        if (_streams is [var only]) return _chain.Apply(pictures, only);
        using var scope = NewDisposeScope();
        return cat([.. _streams.Select(streams => _chain.Apply(pictures, streams))]).MoveToOuterDisposeScope();
    }

    /// <summary>The objective of each picture, the mean over its views: <c>[N]</c>.</summary>
    /// <param name="taps">What the network made of <see cref="Draw"/>.</param>
    public Tensor Evaluate(TapResult taps)
    {
        if (_streams.Length == 1) return objective.Evaluate(taps);
        using var scope = NewDisposeScope();
        int pictures = objective.Keys.Count;
        return stack([.. _streams.Select((_, view) => objective.Evaluate(taps.Narrow(view * pictures, pictures)))]).mean([0L]).MoveToOuterDisposeScope();
    }

    private static CounterRandom[] Streams(int view, IObjective objective, RenderOptions options) =>
        [.. objective.Keys.Select(key => key.Stream(options.Seed, view == 0 ? "view" : $"view-{view + 1}"))];
}
