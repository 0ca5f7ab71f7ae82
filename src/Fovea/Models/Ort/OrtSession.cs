using Fovea.Checkpoints;
using Fovea.Models.Onnx;
using Fovea.Numerics;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;

namespace Fovea.Models.Ort;

/// <summary>
/// A network, as it was when this was made, in ONNX Runtime: images to some of its values. Images are read where they lie, and values are
/// written into tensors' memory. A batch is read in pieces of a few images, each by one thread (<see cref="OrtLanes"/>). One thread at a
/// time.
/// </summary>
internal sealed class OrtSession : IDisposable
{
    /// <summary>
    /// Pixels of a piece at most: four images of 224 × 224, forty-nine of 64 × 64. More are no faster, and their maps take more memory;
    /// with fewer, every image has to wait for all weights to come from memory.
    /// </summary>
    private const long MostPixels = 4 * 224 * 224;

    private readonly SessionOptions _options;
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly OrtLanes _lanes;
    private readonly string[] _inputs, _outputs;
    private readonly ExportSize[][] _sizes;
    private readonly bool _whole;

    /// <param name="file">The network as an ONNX file, no longer needed afterwards.</param>
    /// <param name="input">The name of the images.</param>
    /// <param name="outputs">Names and sizes of the values, single-precision numbers.</param>
    /// <param name="threads">Threads of one pass.</param>
    public OrtSession(byte[] file, string input, IReadOnlyList<(string Name, ExportedValue Value)> outputs, int threads)
    {
        if (outputs.FirstOrDefault(one => one.Value.Type != ElementType.F32) is { Name: { } name } other)
            throw new ExportRefusedException($"{name} holds numbers of the type {other.Value.Type.TorchName()}");
        Bytes = file.Length;
        (_inputs, _outputs) = ([input], [.. outputs.Select(one => one.Name)]);
        _sizes = [.. outputs.Select(one => one.Value.Sizes.ToArray())];
        // Only values whose images stand one after the other can be put together from pieces.
        _whole = !_sizes.All(sizes => sizes.Length > 0 && sizes[0].PerImage && !sizes.Skip(1).Any(size => size.PerImage));
        _options = new SessionOptions
        {
            IntraOpNumThreads = _whole ? threads : 1,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        // Threads that wait awake take the cores from those that decode the next images; alone, they are no faster.
        _options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        try
        {
            _session = new InferenceSession(file, _options);
        }
        catch
        {
            _options.Dispose();
            _run.Dispose();
            throw;
        }
        _lanes = new OrtLanes(_whole ? 1 : threads);
    }

    /// <summary>Bytes of the network's file, about those of its weights.</summary>
    public long Bytes { get; }

    /// <summary>One pass.</summary>
    /// <param name="images"><c>[N, 3, H, W]</c>, single-precision, in main memory.</param>
    /// <returns>The values in the order that was asked for, in the current dispose scope.</returns>
    /// <exception cref="FoveaException">Resource: ONNX Runtime could not run it.</exception>
    public unsafe Tensor[] Run(Tensor images)
    {
        using Tensor input = images.contiguous();
        long[] shape = input.shape;
        float* pixels = TensorMemory.Floats(input);
        long each = input.numel() / Math.Max(1, shape[0]);
        Tensor[] outputs = Outputs(shape[0]);
        Start(outputs, (int)shape[0], shape[2] * shape[3], (start, count) => Over(pixels + start * each, [count, .. shape[1..]]))
            .GetAwaiter().GetResult();
        GC.KeepAlive(input);
        return outputs;
    }

    /// <summary>A pass that runs on other threads while this one goes on.</summary>
    /// <param name="pixels"><c>[N, 3, H, W]</c>; not written to until the pass is over.</param>
    /// <param name="shape">N, 3, H and W.</param>
    /// <returns>The values, to be looked at when the pass is over, in the current dispose scope; and the pass.</returns>
    public (Tensor[] Outputs, Task Pass) Start(Memory<float> pixels, long[] shape)
    {
        Tensor[] outputs = Outputs(shape[0]);
        int each = pixels.Length / (int)Math.Max(1, shape[0]);
        return (outputs, Start(outputs, (int)shape[0], shape[2] * shape[3], (start, count) => OrtValue.CreateTensorValueFromMemory(
            OrtMemoryInfo.DefaultInstance, pixels.Slice(start * each, count * each), [count, .. shape[1..]])));
    }

    /// <summary>Where the values of some images go, in the current dispose scope.</summary>
    public Tensor[] Outputs(long images) =>
        [.. _sizes.Select(sizes => empty([.. sizes.Select(size => size.PerImage ? size.Count * images : size.Count)]))];

    /// <summary>
    /// Images of a piece: so many that each thread has as many pieces, of nearly one size. It follows from the batch and the number of
    /// threads alone.
    /// </summary>
    /// <param name="images">Of the batch.</param>
    /// <param name="lanes">Threads.</param>
    /// <param name="pixels">Of an image.</param>
    internal static int SizeOf(int images, int lanes, long pixels)
    {
        long share = Quotient(images, lanes), most = Math.Max(1, MostPixels / Math.Max(1, pixels));
        return (int)Quotient(share, Quotient(share, most));
    }

    private static long Quotient(long a, long b) => (a + b - 1) / b;

    /// <summary>Starts a pass, piece by piece.</summary>
    /// <param name="outputs">Where values go.</param>
    /// <param name="images">How many.</param>
    /// <param name="pixels">Of an image.</param>
    /// <param name="given">Some of the images, from one on, as ONNX Runtime's value.</param>
    private Task Start(Tensor[] outputs, int images, long pixels, Func<int, int, OrtValue> given)
    {
        if (images == 0) return Task.CompletedTask;
        int size = _whole ? images : SizeOf(images, _lanes.Count, pixels);
        var places = outputs.Select(Place).ToArray();
        return _lanes.Start((images + size - 1) / size, piece =>
        {
            int start = piece * size, count = Math.Min(size, images - start);
            using OrtValue input = given(start, count);
            Run(input, places, start, count, images);
            GC.KeepAlive(outputs);
        });
    }

    private unsafe void Run(OrtValue images, (nint Data, long[] Shape, long Length)[] places, int start, int count, int all)
    {
        var made = new List<OrtValue>(places.Length);
        try
        {
            foreach (var (data, shape, length) in places)
            {
                if (count == all) made.Add(Over((float*)data, shape));
                else made.Add(Over((float*)data + length / all * start, [shape[0] / all * count, .. shape[1..]]));
            }
            _session.Run(_run, _inputs, [images], _outputs, made);
        }
        catch (OnnxRuntimeException e)
        {
            throw FoveaException.OutOfResource(
                $"ONNX Runtime did not get through a batch: {e.Message} Smaller batches need less memory; [model] engine = \"torch\" does "
                    + "without it.", e);
        }
        finally
        {
            foreach (OrtValue value in made) value.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _lanes.Dispose();
        _session.Dispose();
        _run.Dispose();
        _options.Dispose();
    }

    // libtorch's memory does not move.
    private static unsafe (nint Data, long[] Shape, long Length) Place(Tensor tensor) =>
        ((nint)TensorMemory.Floats(tensor), tensor.shape, tensor.numel());

    /// <summary>Memory as ONNX Runtime's value; it must outlive it.</summary>
    private static unsafe OrtValue Over(float* data, long[] shape) => OrtValue.CreateTensorValueWithData(
        OrtMemoryInfo.DefaultInstance, TensorElementType.Float, shape, (nint)data,
        shape.Aggregate((long)sizeof(float), (length, size) => length * size));
}
