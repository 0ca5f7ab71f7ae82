using Fovea.Imaging;
using Fovea.Models;
using Fovea.Visualization.Objectives;
using Fovea.Visualization.Regularizers;
using Fovea.Visualization.Transforms;
using static TorchSharp.torch;

namespace Fovea.Visualization;

/// <summary>
/// Makes pictures of features by gradient ascent (activation maximisation; section 9.2 of the paper). Each step: free numbers → picture → a random view →
/// normalised as the network was trained → forward to the objective's layer and no further → gradient of objective − penalties with
/// respect to the free numbers alone → Adam → blur.
/// </summary>
/// <remarks>
/// Many units share a batch, but nothing of one reaches another: the loss is a sum over pictures, Adam works on each number, and noise and views come from
/// the unit's own streams. A unit's picture depends on its batch only through the rounding of the convolution kernels libtorch picks for a batch size.
/// </remarks>
public sealed class FeatureRenderer
{
    private readonly Network _network;
    private readonly Preprocessing _preprocessing;

    /// <summary>A renderer for a network; both stay the caller's.</summary>
    /// <param name="network">The network.</param>
    /// <param name="preprocessing">What its inputs are made by: mean, standard deviation and size.</param>
    public FeatureRenderer(Network network, Preprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(preprocessing);
        (_network, _preprocessing) = (network, preprocessing);
    }

    /// <summary>One picture for each unit of <paramref name="objective"/>, in their order.</summary>
    /// <param name="network">The network; its weights are not touched.</param>
    /// <param name="preprocessing">What its inputs are made by.</param>
    /// <param name="objective">What is maximised.</param>
    /// <param name="options">The recipe.</param>
    /// <param name="progress">Gets the number of finished steps × pictures of the whole.</param>
    /// <param name="cancellationToken">Looked at before every step.</param>
    /// <exception cref="FoveaException">An option cannot be used, a layer or unit does not exist, or the objective became NaN or infinite.</exception>
    public static IReadOnlyList<RenderResult> Render(Network network, Preprocessing preprocessing, IObjective objective, RenderOptions options,
        IProgress<RenderProgress>? progress = null, CancellationToken cancellationToken = default) =>
        new FeatureRenderer(network, preprocessing).Render(objective, options, progress, cancellationToken);

    /// <inheritdoc cref="Render(Network, Preprocessing, IObjective, RenderOptions, IProgress{RenderProgress}?, CancellationToken)"/>
    public IReadOnlyList<RenderResult> Render(IObjective objective, RenderOptions options, IProgress<RenderProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(objective);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        int size = options.Size > 0 ? options.Size : _preprocessing.OutputSize.Height;
        int batch = options.BatchFor(size), all = objective.Units.Count;
        StartPictures.Check(options, all);
        using var frozen = new FrozenNetwork(_network);
        using var taps = new LayerTaps(_network, objective.Layer);
        if (!ClampBypass.Attach(_network, taps, objective.Layer) && objective is UnitObjective) ClampBypass.AttachLeaky(_network, taps, objective.Layer);
        var results = new List<RenderResult>(all);
        for (int start = 0; start < all; start += batch)
        {
            int count = Math.Min(batch, all - start), done = start;
            var one = new Batch(this, taps, objective.Slice(start, count), options, size, start);
            results.AddRange(one.Run(step => progress?.Report(new RenderProgress(done, all, count, step, options.Steps)), cancellationToken));
        }
        return results;
    }

    /// <summary>One batch of pictures through all steps.</summary>
    private sealed class Batch(FeatureRenderer renderer, LayerTaps taps, IObjective objective, RenderOptions options, int size, int first)
    {
        private readonly int _count = objective.Units.Count;
        private readonly CounterRandom[] _views = Streams("view", objective, options);
        private readonly ViewChain _chain = new(options, size);
        private readonly double[][] _curves = [.. objective.Units.Select(_ => new double[options.Steps])];
        private readonly List<RenderSnapshot>[] _snapshots = [.. objective.Units.Select(_ => new List<RenderSnapshot>())];
        private Tensor? _anchor;

        public IEnumerable<RenderResult> Run(Action<int> report, CancellationToken cancellationToken)
        {
            using var scope = NewDisposeScope();
            Device device = renderer._network.Device;
            _anchor = StartPictures.Of(options, first, _count, size)?.to(device);
            Tensor start = _anchor is null
                ? options.Parameterization.Start(Streams("start", objective, options), size, size)
                : options.Parameterization.FromRgb(_anchor);
            Tensor free = start.to(device).requires_grad_(true);
            var adam = new PictureAdam(free);
            Keep(0, free);
            for (int step = 0; step < options.Steps; step++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Ascend(free, adam, step);
                Keep(step + 1, free);
                report(step + 1);
            }
            return Finish(free);
        }

        private void Ascend(Tensor free, PictureAdam adam, int step)
        {
            using var scope = NewDisposeScope();
            Tensor rgb = options.Parameterization.ToRgb(free, size, size);
            Tensor view = _chain.Apply(renderer.Normalise(rgb), _views);
            Tensor values = objective.Evaluate(taps.Run(view)[objective.Layer]);
            Record(values, step);
            Tensor loss = -values.sum();
            if (Penalties.Of(options, rgb, _anchor) is { } penalty) loss += penalty;
            Tensor gradient = autograd.grad([loss], [free])[0];
            using var quiet = no_grad();
            adam.Step(gradient, options.LearningRate);
            double blur = options.BlurAt(step);
            if (blur > 0 && options.Parameterization.IsSpatial) free.copy_(GaussianBlur.Apply(free, blur));
        }

        private void Record(Tensor values, int step)
        {
            using var plain = values.detach().cpu().to(float64);
            var figures = plain.data<double>().ToArray();
            for (int i = 0; i < _count; i++)
            {
                if (!double.IsFinite(figures[i]))
                {
                    throw FoveaException.NumericalFailure(
                        $"The objective of unit {objective.Units[i]} of {objective.Layer} became {figures[i]} in step {step}. "
                        + "A smaller learning rate may help; are the weights finite?");
                }
                _curves[i][step] = figures[i];
            }
        }

        private void Keep(int step, Tensor free)
        {
            if (!options.Snapshots.Contains(step)) return;
            RgbImage[] pictures = renderer.Pictures(options, free, size);
            for (int i = 0; i < _count; i++) _snapshots[i].Add(new RenderSnapshot(step, pictures[i]));
        }

        private RenderResult[] Finish(Tensor free)
        {
            RgbImage[] pictures = renderer.Pictures(options, free, size);
            using var quiet = no_grad();
            Tensor saved = stack([.. pictures.Select(ToTensor)]).to(free.device);
            Tensor activation = taps.Run(renderer.Normalise(saved))[objective.Layer];
            double[] values = objective.Evaluate(activation).cpu().to(float64).data<double>().ToArray();
            double[] peaks = objective.Peak(activation).cpu().to(float64).data<double>().ToArray();
            var results = new RenderResult[_count];
            for (int i = 0; i < _count; i++)
                results[i] = new RenderResult(objective.Units[i], options.Preset, pictures[i], values[i], peaks[i], _curves[i], _snapshots[i]);
            return results;
        }

        private static CounterRandom[] Streams(string purpose, IObjective objective, RenderOptions options) =>
            [.. objective.Units.Select(unit => new CounterRandom(options.Seed, $"visualize/{purpose}/{objective.Layer}", unit))];
    }

    /// <summary>RGB in [0, 1] to the network's input.</summary>
    private Tensor Normalise(Tensor rgb)
    {
        using var scope = NewDisposeScope();
        Tensor mean = tensor(_preprocessing.Mean, [1, 3, 1, 1], dtype: rgb.dtype, device: rgb.device);
        Tensor std = tensor(_preprocessing.Std, [1, 3, 1, 1], dtype: rgb.dtype, device: rgb.device);
        return ((rgb - mean) / std).MoveToOuterDisposeScope();
    }

    private RgbImage[] Pictures(RenderOptions options, Tensor free, int size)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor bytes = (options.Parameterization.ToRgb(free, size, size) * 255).round().clamp(0, 255).to(uint8).permute(0, 2, 3, 1).contiguous().cpu();
        int height = (int)bytes.shape[1], width = (int)bytes.shape[2], length = height * width * 3;
        byte[] all = bytes.data<byte>().ToArray();
        return [.. Enumerable.Range(0, (int)bytes.shape[0]).Select(i => new RgbImage(width, height, all.AsSpan(i * length, length).ToArray()))];
    }

    private static Tensor ToTensor(RgbImage picture)
    {
        using var scope = NewDisposeScope();
        return (tensor(picture.Pixels, [picture.Height, picture.Width, 3]).permute(2, 0, 1).to(float32) / 255f).MoveToOuterDisposeScope();
    }
}
