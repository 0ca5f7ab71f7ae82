using Fovea.Models.Graph;
using Fovea.Models.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Xunit;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Fovea.Tests.Models.Onnx;

/// <summary>Runs ONNX files of any inputs, of one operator for instance, here and in ONNX Runtime.</summary>
internal static class OnnxRun
{
    /// <summary>The outputs of a file for these inputs, calculated by its graph.</summary>
    /// <param name="path">The file.</param>
    /// <param name="inputs">Inputs that are values of the graph, as images are.</param>
    /// <param name="known">Inputs that are known when the file is read, as sizes are.</param>
    /// <exception cref="NotSupportedException">An output is refused; the message says why.</exception>
    public static Tensor[] Here(
        string path, IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyDictionary<string, Tensor>? known = null)
    {
        using var quiet = no_grad();
        using var reader = new ProtoReader(path);
        OnnxModel model = new OnnxParser(reader).Read();
        using var tensors = new OnnxTensors(reader, path);
        Dictionary<OnnxValue, Tensor> values = new(ReferenceEqualityComparer.Instance);
        List<KeyValuePair<string, OnnxValue>> given = [];
        foreach (var (name, tensor) in inputs)
        {
            var value = new OnnxValue.InGraph(true, [tensor.shape], tensor.dtype) { Name = name };
            given.Add(new(name, value));
            values[value] = tensor;
        }
        foreach (var (name, tensor) in known ?? new Dictionary<string, Tensor>())
            given.Add(new(name, new OnnxValue.Known(tensor) { Name = name }));
        var (steps, outputs) = OnnxImporter.Read(model, tensors, path, given, new OnnxPoint(1, 1, 1));
        foreach (OnnxImporter.Entry entry in steps)
        {
            using var mode = new ForwardMode();
            var (one, many) = Operators.Get(entry.Step.Operator).Bind(entry.Step.Attributes);
            var call = new OperatorCall([.. entry.Step.Inputs.Select(Of)], mode, 0, 1);
            Tensor[] made = one is not null ? [one(call)] : many!(call);
            for (int i = 0; i < entry.Made.Length; i++)
            {
                Assert.True(made[i].shape.AsSpan().SequenceEqual(entry.Made[i].Sizes[0]),
                    $"{entry.Step.Operator} makes [{string.Join(", ", made[i].shape)}] and was said to make "
                        + $"[{string.Join(", ", entry.Made[i].Sizes[0])}]");
                Assert.Equal(entry.Made[i].Type, made[i].dtype);
                values[entry.Made[i]] = made[i];
            }
        }
        return [.. outputs.Select(output => Of(output)!)];

        Tensor? Of(OnnxValue? value) => value switch
        {
            null => null,
            OnnxValue.InGraph => values[value],
            OnnxValue.Known one => one.At(0),
            OnnxValue.Refused refused => throw new NotSupportedException(refused.Why),
            _ => throw new NotSupportedException("a list of values"),
        };
    }

    /// <summary>The same in ONNX Runtime, for numbers of the types float, long, int, bool, double and byte.</summary>
    public static Tensor[] Reference(string path, IReadOnlyDictionary<string, Tensor> inputs)
    {
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL };
        options.IntraOpNumThreads = 1;
        using var session = new InferenceSession(path, options);
        using var results = session.Run([.. inputs.Select(input => Named(input.Key, input.Value))]);
        return [.. results.Select(Read)];
    }

    /// <summary>The name of a file's first input.</summary>
    public static string InputOf(string path)
    {
        using var session = new InferenceSession(path);
        return session.InputNames[0];
    }

    private static NamedOnnxValue Named(string name, Tensor tensor)
    {
        int[] sizes = [.. tensor.shape.Select(size => (int)size)];
        using Tensor flat = tensor.contiguous().cpu();
        return tensor.dtype switch
        {
            ScalarType.Float32 => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<float>(flat.data<float>().ToArray(), sizes)),
            ScalarType.Float64 => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<double>(flat.data<double>().ToArray(), sizes)),
            ScalarType.Int64 => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<long>(flat.data<long>().ToArray(), sizes)),
            ScalarType.Int32 => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<int>(flat.data<int>().ToArray(), sizes)),
            ScalarType.Byte => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<byte>(flat.data<byte>().ToArray(), sizes)),
            ScalarType.Bool => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<bool>(flat.data<bool>().ToArray(), sizes)),
            var other => throw new NotSupportedException(other.ToString()),
        };
    }

    private static Tensor Read(DisposableNamedOnnxValue value)
    {
        switch (value.Value)
        {
            case DenseTensor<float> one: return tensor(one.ToArray(), Sizes(one));
            case DenseTensor<double> one: return tensor(one.ToArray(), Sizes(one));
            case DenseTensor<long> one: return tensor(one.ToArray(), Sizes(one));
            case DenseTensor<int> one: return tensor(one.ToArray(), Sizes(one));
            case DenseTensor<byte> one: return tensor(one.ToArray(), Sizes(one));
            case DenseTensor<bool> one: return tensor(one.ToArray(), Sizes(one));
            default: throw new NotSupportedException(value.Value?.GetType().Name);
        }

        static long[] Sizes<T>(DenseTensor<T> tensor) => [.. tensor.Dimensions.ToArray().Select(size => (long)size)];
    }
}
