using System.Runtime.ExceptionServices;
using Fovea.Datasets;
using Fovea.Models.Graph;
using Fovea.Models.Ort;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Models;

/// <summary>
/// Reads values of a network for batch after batch of images, with the fastest engine that gives them: no edits, no gradients. Made by
/// <see cref="ImageModel.Reader"/>. The network must not change while this lives; a new one sees what changed. One thread at a time.
/// </summary>
public sealed class ModelReader : IDisposable
{
    private readonly ImageModel _model;
    private readonly Probe _probe;
    private readonly OrtSessions _sessions;
    private readonly IReadOnlyList<ReadValue> _reads;
    private KeptSession? _kept;

    /// <exception cref="FoveaException">A layer does not exist; or ONNX Runtime was asked for and cannot read it.</exception>
    internal ModelReader(ImageModel model, Probe probe, OrtSessions sessions, EngineChoice choice)
    {
        if (probe.Edits.Count > 0 || probe.Gradient is not null || probe.Given.Count > 0)
            throw new ArgumentException("A reader gives values alone: edits and gradients are for Forward.", nameof(probe));
        (_model, _probe, _sessions) = (model, probe, sessions);
        bool output = probe.Output || probe.Reads.Count == 0;
        _reads = [.. probe.Reads.Select(layer => ReadValue.Of(model.Graph, layer)), .. output ? [ReadValue.OfAnswer(model.Graph)] : (ReadValue[])[]];
        string? reason = choice == EngineChoice.Torch ? "as was asked for" : Obstacle();
        if (reason is null)
        {
            (int height, int width) = model.Preprocessing.OutputSize;
            KeptSession kept = sessions.Open(model, [.. _reads.Where(one => !one.IsImages).Select(one => one.Written).Distinct()], height, width);
            if (kept.Session is null) sessions.Return(kept);
            else _kept = kept;
            reason = kept.Refusal;
        }
        if (reason is not null && choice == EngineChoice.OnnxRuntime)
            throw FoveaException.BadConfiguration(
                $"ONNX Runtime cannot read {model.Architecture}: {reason}. Leave the choice of the engine out, or take libtorch.");
        Engine = _kept is null ? ReadingEngine.OfTorch(reason!) : new ReadingEngine(ReadingEngine.OnnxRuntime, OrtRuntime.Version, null);
    }

    /// <summary>What reads.</summary>
    public ReadingEngine Engine { get; }

    /// <summary>One pass; no gradients are recorded.</summary>
    /// <param name="images"><c>[N, 3, H, W]</c> of the size that the network's preprocessing gives.</param>
    /// <returns>It joins the current dispose scope, or is the caller's.</returns>
    public ProbeResult Run(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var quiet = no_grad();
        if (_kept?.Session is not { } session) return _model.Forward(images, _probe);
        if (images.dim() != 4 || images.shape[1] != 3 || (images.shape[2], images.shape[3]) != _kept.Size || images.dtype != ScalarType.Float32)
        {
            throw new ArgumentException(
                $"Images [N, 3, {_kept.Size.Height}, {_kept.Size.Width}] of single-precision numbers are read, not "
                    + $"[{string.Join(", ", images.shape)}] of {images.dtype}.", nameof(images));
        }
        FastPaths.Ran(FastPath.OnnxRuntime);
        using var scope = NewDisposeScope();
        ProbeResult result = Result(session.Run(images), images);
        scope.MoveToOuter(result.Tensors.Distinct<Tensor>(ReferenceEqualityComparer.Instance));
        return result;
    }

    /// <summary>What a pass gives for some images, in shape alone; null where only a pass of libtorch tells.</summary>
    internal ProbeResult? Empty(int images)
    {
        if (_kept?.Session is not { } session) return null;
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        ProbeResult result = Result(session.Outputs(images), empty([images, 3, _kept.Size.Height, _kept.Size.Width]));
        scope.MoveToOuter(result.Tensors.Distinct<Tensor>(ReferenceEqualityComparer.Instance));
        return result;
    }

    /// <summary>
    /// Pass after pass. ONNX Runtime is one batch ahead: it reads the next one, where it lies, while the caller is at the last.
    /// </summary>
    /// <param name="batches">Images of the size that the network's preprocessing gives.</param>
    /// <returns>Each batch and its values, which are the caller's; null where all of its images were damaged. What ends the batches is
    /// thrown behind the values of those before.</returns>
    public IEnumerable<(ImageBatch Batch, ProbeResult? Values)> Read(IEnumerable<ImageBatch> batches)
    {
        ArgumentNullException.ThrowIfNull(batches);
        return ReadAhead(batches);
    }

    private IEnumerable<(ImageBatch Batch, ProbeResult? Values)> ReadAhead(IEnumerable<ImageBatch> batches)
    {
        using IEnumerator<ImageBatch> all = batches.GetEnumerator();
        Ahead? last = null;
        try
        {
            while (true)
            {
                Ahead? next = null;
                ExceptionDispatchInfo? failure = null;
                try
                {
                    if (all.MoveNext()) next = Start(all.Current);
                }
                catch (Exception e) when (last is not null)
                {
                    failure = ExceptionDispatchInfo.Capture(e);
                }
                Ahead? done = last;
                last = next;
                if (done is not null) yield return (done.Batch, Finish(done));
                failure?.Throw();
                if (next is null) yield break;
            }
        }
        finally
        {
            if (last is not null) Abandon(last);
        }
    }

    private Ahead Start(ImageBatch batch)
    {
        if (_kept?.Session is not { } session || batch.Count == 0) return new Ahead(batch, [], null);
        if ((batch.Height, batch.Width) != _kept.Size)
            throw new ArgumentException($"Images of {batch.Height} × {batch.Width} pixels for a reader of {_kept.Size}.", nameof(batch));
        FastPaths.Ran(FastPath.OnnxRuntime);
        using var scope = NewDisposeScope();
        int length = 3 * batch.Height * batch.Width;
        var (values, pass) = session.Start(batch.Pixels.AsMemory(0, batch.Count * length), [batch.Count, 3, batch.Height, batch.Width]);
        foreach (Tensor value in values) value.DetachFromDisposeScope();
        return new Ahead(batch, values, pass);
    }

    private ProbeResult? Finish(Ahead ahead)
    {
        if (ahead.Batch.Count == 0) return null;
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var own = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
        try
        {
            ahead.Pass?.GetAwaiter().GetResult();
            ProbeResult result = ahead.Pass is null
                ? _model.Forward(ahead.Batch.ToTensor(_model.Device), _probe)
                : Result(ahead.Values, _reads.Any(one => one.IsImages) ? ahead.Batch.ToTensor() : null);
            own.UnionWith(result.Tensors);
            foreach (Tensor tensor in own) tensor.DetachFromDisposeScope();
            return result;
        }
        finally
        {
            // Tokens of which only a view is read.
            foreach (Tensor value in ahead.Values)
                if (!own.Contains(value)) value.Dispose();
        }
    }

    private static void Abandon(Ahead ahead)
    {
        // Whatever ended the reading is the error to report; memory that a pass writes to must stay until it is over.
        if (ahead.Pass is { } pass) ((IAsyncResult)pass).AsyncWaitHandle.WaitOne();
        foreach (Tensor value in ahead.Values) value.Dispose();
    }

    private ProbeResult Result(Tensor[] values, Tensor? images)
    {
        var result = new ProbeResult();
        foreach (ReadValue read in _reads)
        {
            Tensor value = read.IsImages ? images!.alias() : read.From(
                values[Array.IndexOf(_kept!.Values, read.Written)], _model.Mode, values[0].shape[0]);
            if (read.Layer is { } layer) result.Add(layer, value);
            else result.AddLogits(value);
        }
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_kept is { } kept) _sessions.Return(kept);
        _kept = null;
    }

    /// <summary>What of the network, as it is now, is nothing for ONNX Runtime; null: nothing is known to be.</summary>
    private string? Obstacle()
    {
        if (_model.Training) return "the network is in training";
        if (_model.Device.type != TorchSharp.DeviceType.CPU) return $"the network is on {_model.Device}";
        if (_model.State.Values.FirstOrDefault(weight => weight.is_floating_point() && weight.dtype != ScalarType.Float32) is { } other)
            return $"the network calculates in {other.dtype}";
        if (_model.Graph.FixedBatch is { } count) return $"the network takes only {count} images at a time";
        if (_reads.FirstOrDefault(one => !one.IsMade && !one.IsImages) is { } read) return $"{read.Written} is made by no operation";
        if (_reads.All(one => one.IsImages)) return "nothing of the network is read";
        return OrtRuntime.Problem;
    }

    /// <summary>A batch whose pass may be under way.</summary>
    private sealed record Ahead(ImageBatch Batch, Tensor[] Values, Task? Pass);

    /// <summary>A value that is asked for, and the value of the graph as it was written that it is seen in.</summary>
    private sealed record ReadValue(string? Layer, string Written, bool IsMade, GraphNode? Grid, int Part, int Node)
    {
        /// <summary>Whether it is what the network is given.</summary>
        public bool IsImages { get; private init; }

        public static ReadValue OfAnswer(NetworkGraph graph) => new(null, Before(graph, graph.Output), true, null, 0, -1);

        public static ReadValue Of(NetworkGraph graph, string layer)
        {
            string value = layer == graph.Input ? layer : graph.Layer(layer).Value;
            int node = graph.ProducerOf(graph.ValueOf(value));
            return node >= 0 && graph.Nodes[node] is { } grid && grid.Operator == Operators.Grid
                ? new ReadValue(layer, grid.Inputs[0], true, grid, grid.Outputs.ToList().IndexOf(value), node)
                : new ReadValue(layer, Before(graph, value), node >= 0, null, 0, -1)
                {
                    IsImages = value == graph.Input,
                };
        }

        /// <summary>The layer's value, of the value that holds it; a grid is a view of tokens.</summary>
        public Tensor From(Tensor value, ForwardMode mode, long images)
        {
            if (Grid is null) return value;
            var (one, many) = Grid.Operator.Bind(Grid.Attributes);
            var call = new OperatorCall([value], mode, Node, images);
            return one is not null ? one(call) : many!(call)[Part];
        }

        /// <summary>A value that was put together from a grid and what stands beside it is the one before it.</summary>
        private static string Before(NetworkGraph graph, string value) =>
            graph.Producer(value) is { } joined && joined.Operator == Operators.Ungrid
                ? graph.Producer(joined.Inputs[0])!.Inputs[0] : value;
    }
}
