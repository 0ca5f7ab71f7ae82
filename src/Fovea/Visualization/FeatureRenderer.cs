using Fovea.Models;
using Fovea.Visualization.Objectives;
using static TorchSharp.torch;

namespace Fovea.Visualization;

/// <summary>
/// Makes pictures of features by gradient ascent (activation maximisation; section 9.2 of the paper). Each step: free numbers → picture → a
/// random view → normalised as the network was trained → forward to the objective's deepest layer and no further → gradient of objective −
/// penalties with respect to the free numbers alone → Adam → blur.
/// </summary>
/// <remarks>
/// Many units share a batch, but nothing of one reaches another (objectives that compare pictures apart): the loss is a sum over pictures,
/// Adam works on each number, and noise and views come from the picture's own streams. A unit's picture depends on its batch only through
/// the rounding of the convolution kernels libtorch picks for a batch size.
/// </remarks>
public sealed class FeatureRenderer
{
    private readonly ImageModel _network;
    private readonly IReadOnlyDictionary<string, Func<Tensor, Tensor>>? _edits;

    /// <summary>A renderer for a network; both stay the caller's.</summary>
    /// <param name="network">The network.</param>
    /// <param name="edits">What of the network is changed on the way (<see cref="Probe.Edits"/>), so that pictures are of the changed network;
    /// null: nothing.</param>
    public FeatureRenderer(ImageModel network, IReadOnlyDictionary<string, Func<Tensor, Tensor>>? edits = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        (_network, _edits) = (network, edits);
        network.EngineChosen?.Invoke(ReadingEngine.OfTorch("gradients are asked for"));
    }

    /// <summary>One picture for each unit of <paramref name="objective"/>, in their order.</summary>
    /// <param name="network">The network; its weights are not touched.</param>
    /// <param name="objective">What is maximised.</param>
    /// <param name="options">The recipe.</param>
    /// <param name="progress">Gets the number of finished steps × pictures of the whole.</param>
    /// <param name="cancellationToken">Looked at before every step.</param>
    /// <exception cref="FoveaException">An option cannot be used, a layer or unit does not exist, or the objective became NaN or
    /// infinite.</exception>
    public static IReadOnlyList<RenderResult> Render(ImageModel network, IObjective objective, RenderOptions options,
        IProgress<RenderProgress>? progress = null, CancellationToken cancellationToken = default) =>
        new FeatureRenderer(network).Render(objective, options, progress, cancellationToken);

    /// <inheritdoc cref="Render(ImageModel, IObjective, RenderOptions, IProgress{RenderProgress}?, CancellationToken)"/>
    public IReadOnlyList<RenderResult> Render(IObjective objective, RenderOptions options, IProgress<RenderProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(objective);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        int all = objective.Keys.Count, batch = options.BatchSize > 0 ? options.BatchSize : BatchFor(objective.Layers, options);
        StartPictures.Check(options, all);
        using var frozen = new FrozenNetwork(_network);
        var taps = new ObjectiveTaps(_network, objective.Layers, options.BypassClamps, _edits);
        var results = new List<RenderResult>(all);
        for (int start = 0, count; start < all; start += count)
        {
            int done = start;
            count = BatchEnd(objective, start, batch) - start;
            var one = new RenderBatch(_network, taps, objective.Slice(start, count), options, SizeOf(options), start);
            results.AddRange(
                one.Run(step => progress?.Report(new RenderProgress(done, all, count, step, options.Steps)), cancellationToken));
        }
        return results;
    }

    /// <summary>
    /// How many pictures fit a batch: as many as the network's outputs up to these layers leave room for in a quarter of the memory that is
    /// free now. Kernels round differently for other batches, so who wants the same bytes again keeps the number and gives it as
    /// <see cref="RenderOptions.BatchSize"/>.
    /// </summary>
    /// <param name="layers">The objective's layers.</param>
    /// <param name="options">The recipe.</param>
    /// <returns>A power of two from 1 to 32.</returns>
    /// <exception cref="FoveaException">A layer does not exist.</exception>
    public int BatchFor(IReadOnlyList<string> layers, RenderOptions options)
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentNullException.ThrowIfNull(options);
        return BatchBudget.Pictures(
            _network, layers, options.ViewSize > 0 ? options.ViewSize : SizeOf(options), BatchBudget.Free(), options.Views);
    }

    private int SizeOf(RenderOptions options) => options.Size > 0 ? options.Size : _network.Preprocessing.OutputSize.Height;

    /// <summary>
    /// Where a batch ends: as full as may be, pictures that are judged together in one; more than fit only where these alone do not.
    /// </summary>
    internal static int BatchEnd(IObjective objective, int start, int batch)
    {
        int all = objective.Keys.Count, most = Math.Min(start + batch, all), end = most;
        while (end > start && !CanEnd(end)) end--;
        if (end > start) return end;
        for (end = most; !CanEnd(end); end++) ;
        return end;

        bool CanEnd(int picture) => picture == all || objective.CanSplitAt(picture);
    }
}
