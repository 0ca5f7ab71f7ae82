using System.Runtime.InteropServices;
using Fovea.Checkpoints;
using Fovea.Models.Onnx;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;

namespace Fovea.Models.Ort;

/// <summary>
/// A network, as it was when this was made, in ONNX Runtime: images to some of its values. Images are read where they lie, and values are
/// written into tensors' memory. One thread at a time.
/// </summary>
internal sealed class OrtSession : IDisposable
{
    private readonly SessionOptions _options;
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly string[] _inputs, _outputs;
    private readonly ExportSize[][] _sizes;

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
        _options = new SessionOptions
        {
            IntraOpNumThreads = threads,
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
    }

    /// <summary>Bytes of the network's file, about those of its weights.</summary>
    public long Bytes { get; }

    /// <summary>One pass.</summary>
    /// <param name="images"><c>[N, 3, H, W]</c>, single-precision, in main memory.</param>
    /// <returns>The values in the order that was asked for, in the current dispose scope.</returns>
    /// <exception cref="FoveaException">Resource: ONNX Runtime could not run it.</exception>
    public Tensor[] Run(Tensor images)
    {
        using Tensor input = images.contiguous();
        Tensor[] outputs = Outputs(images.shape[0]);
        using (OrtValue given = Over(input)) Run(given, outputs);
        GC.KeepAlive(input);
        return outputs;
    }

    /// <summary>A pass that runs on another thread while this one goes on.</summary>
    /// <param name="pixels"><c>[N, 3, H, W]</c>; not written to until the pass is over.</param>
    /// <param name="shape">N, 3, H and W.</param>
    /// <returns>The values, to be looked at when the pass is over, in the current dispose scope; and the pass.</returns>
    public (Tensor[] Outputs, Task Pass) Start(Memory<float> pixels, long[] shape)
    {
        Tensor[] outputs = Outputs(shape[0]);
        return (outputs, Task.Run(() =>
        {
            using OrtValue given = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, pixels, shape);
            Run(given, outputs);
        }));
    }

    private Tensor[] Outputs(long images) =>
        [.. _sizes.Select(sizes => empty([.. sizes.Select(size => size.PerImage ? size.Count * images : size.Count)]))];

    private void Run(OrtValue images, Tensor[] outputs)
    {
        var made = new List<OrtValue>(outputs.Length);
        try
        {
            foreach (Tensor output in outputs) made.Add(Over(output));
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
        GC.KeepAlive(outputs);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _session.Dispose();
        _run.Dispose();
        _options.Dispose();
    }

    /// <summary>A tensor's own memory as ONNX Runtime's value; the tensor must outlive it.</summary>
    private static unsafe OrtValue Over(Tensor tensor)
    {
        using Tensor flat = tensor.view(-1), first = flat.narrow(0, 0, 1);
        fixed (byte* data = &MemoryMarshal.GetReference(first.bytes))
        {
            // libtorch's memory does not move.
            return OrtValue.CreateTensorValueWithData(
                OrtMemoryInfo.DefaultInstance, TensorElementType.Float, tensor.shape, (IntPtr)data, tensor.numel() * sizeof(float));
        }
    }
}
