using Fovea.Imaging;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Visualization.Objectives;
using Fovea.Visualization.Pullbacks;
using Fovea.Visualization.Regularizers;
using static TorchSharp.torch;

namespace Fovea.Visualization;

/// <summary>One batch of pictures through all steps: the loop that every picture is made by.</summary>
internal sealed class RenderBatch(ImageModel network, ObjectiveTaps taps, IObjective objective, RenderOptions options, int size, int first)
{
    private readonly int _count = objective.Keys.Count;
    private readonly (int Height, int Width) _size = network.Preprocessing.SizeAt(size);
    private readonly StepViews _views = new(objective, options, network.Preprocessing, size);
    private readonly double[][] _curves = [.. objective.Keys.Select(_ => new double[options.Steps])];
    private readonly List<RenderSnapshot>[] _snapshots = [.. objective.Keys.Select(_ => new List<RenderSnapshot>())];

    /// <summary>Steps that each picture made; those still on their way have made all so far.</summary>
    private readonly int?[] _ended = new int?[objective.Keys.Count];

    /// <summary>What penalties measure the distance from; null: grey.</summary>
    private Tensor? _anchor;

    /// <summary>True for pictures on their way, <c>[N, 1, …]</c>; null while all are.</summary>
    private Tensor? _unfinished;

    /// <summary>Makes the pictures.</summary>
    /// <param name="report">Told the number of steps done.</param>
    /// <param name="cancellationToken">Looked at before every step.</param>
    public IReadOnlyList<RenderResult> Run(Action<int> report, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        _anchor = StartPictures.Of(options, first, _count, _size)?.to(network.Device);
        Tensor start = _anchor is null
            ? options.Parameterization.Start(
                [.. objective.Keys.Select(key => key.Stream(options.Seed, "start"))], _size.Height, _size.Width)
            : options.Parameterization.FromRgb(_anchor);
        Tensor free = start.to(network.Device);
        var adam = new PictureAdam(free);
        try
        {
            Keep(0, free);
            for (int step = 0; step < options.Steps && _ended.Contains(null); step++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Ascend(free, adam, step);
                Keep(step + 1, free);
                report(step + 1);
            }
            return Finish(free);
        }
        finally
        {
            _unfinished?.Dispose();
        }
    }

    private void Ascend(Tensor free, PictureAdam adam, int step)
    {
        using var scope = NewDisposeScope();
        IPullback colours = Colours(free), view = _views.Of(colours.Value);
        Tensor input = view.Value.requires_grad_(true);
        Tensor values = _views.Evaluate(taps.Run(input));
        Record(values, step);
        Tensor slope = view.Pull(Gradients.Of(-values.sum(), input));
        Penalties.AddGradient(options, colours.Value, _anchor, slope);
        Tensor gradient = colours.Pull(slope);
        using var quiet = no_grad();
        using Tensor? before = _unfinished is null ? null : free.clone();
        adam.Step(gradient, options.LearningRate);
        double blur = options.BlurAt(step);
        if (blur > 0 && options.Parameterization.IsSpatial) GaussianBlur.ApplyInPlace(free, blur);
        if (before is not null) free.copy_(where(_unfinished!, free, before));
        Stop(free, step + 1);
    }

    private IPullback Colours(Tensor free) => options.Parameterization is ILogisticPixels logistic && PictureMemory.Serves(free)
        ? new ColourPullback(free, logistic.Matrix)
        : new TracedPullback(free, numbers => options.Parameterization.ToRgb(numbers, _size.Height, _size.Width));

    private void Record(Tensor values, int step)
    {
        using var plain = values.detach().cpu().to(float64);
        var figures = plain.data<double>().ToArray();
        for (int i = 0; i < _count; i++)
        {
            if (!double.IsFinite(figures[i]))
            {
                throw FoveaException.NumericalFailure(
                    $"The objective of unit {objective.Units[i]} of {objective.Keys[i].Layer} became {figures[i]} in step {step}. "
                    + "A smaller learning rate may help; are the weights finite?");
            }
            _curves[i][step] = figures[i];
        }
    }

    /// <summary>Pictures that are done stay as they are; the batch goes on for the others.</summary>
    private void Stop(Tensor free, int steps)
    {
        if (options.FlatWindow == 0) return;
        bool changed = false;
        for (int i = 0; i < _count; i++)
        {
            if (_ended[i] is not null || !FlatCurve.Reached(_curves[i].AsSpan(0, steps), options.FlatWindow, options.FlatTolerance))
                continue;
            _ended[i] = steps;
            changed = true;
        }
        if (!changed) return;
        _unfinished?.Dispose();
        long[] shape = [_count, .. Enumerable.Repeat(1L, (int)free.dim() - 1)];
        _unfinished = tensor(Array.ConvertAll(_ended, ended => ended is null), shape, device: free.device).DetachFromDisposeScope();
    }

    private void Keep(int step, Tensor free)
    {
        if (!options.Snapshots.Contains(step)) return;
        RgbImage[] pictures = Pictures(free);
        double[] values = Measure(pictures).Values;
        for (int i = 0; i < _count; i++)
        {
            // Which steps are made after its end is a matter of the rest of the batch.
            if (_ended[i] is not { } end || step <= end) _snapshots[i].Add(new RenderSnapshot(step, pictures[i], values[i]));
        }
    }

    private RenderResult[] Finish(Tensor free)
    {
        RgbImage[] pictures = Pictures(free);
        var (values, peaks) = Measure(pictures);
        var results = new RenderResult[_count];
        for (int i = 0; i < _count; i++)
        {
            PictureKey key = objective.Keys[i];
            double[] curve = _curves[i][..(_ended[i] ?? options.Steps)];
            results[i] = new RenderResult(
                key.Unit, options.Preset, pictures[i], values[i], peaks[i], curve, _snapshots[i])
            { Replica = key.Replica };
        }
        return results;
    }

    /// <summary>Objective and peak on pictures as they are saved: 8-bit, and of what the network sees in a step only the size.</summary>
    private (double[] Values, double[] Peaks) Measure(RgbImage[] pictures)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var activations = taps.Run(_views.Plain(stack([.. pictures.Select(ToTensor)]).to(network.Device)));
        return (Numbers(objective.Evaluate(activations)), Numbers(objective.Peak(activations)));

        static double[] Numbers(Tensor values) => values.cpu().to(float64).data<double>().ToArray();
    }

    private RgbImage[] Pictures(Tensor free)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor colours = options.Parameterization.ToRgb(free, _size.Height, _size.Width);
        Tensor bytes = (colours * 255).round().clamp(0, 255).to(uint8).permute(0, 2, 3, 1).contiguous().cpu();
        int height = (int)bytes.shape[1], width = (int)bytes.shape[2], length = height * width * 3;
        byte[] all = bytes.data<byte>().ToArray();
        return [.. Enumerable.Range(0, (int)bytes.shape[0])
            .Select(i => new RgbImage(width, height, all.AsSpan(i * length, length).ToArray()))];
    }

    private static Tensor ToTensor(RgbImage picture)
    {
        using var scope = NewDisposeScope();
        return (tensor(picture.Pixels, [picture.Height, picture.Width, 3]).permute(2, 0, 1).to(float32) / 255f).MoveToOuterDisposeScope();
    }
}
