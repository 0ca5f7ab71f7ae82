using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Onnx;

/// <summary>What ONNX Runtime makes of a file.</summary>
internal static class OrtRun
{
    private static readonly OrtEnv Runtime = OrtEnv.Instance();

    /// <summary>Runs a file of one input on images.</summary>
    /// <param name="path">The file.</param>
    /// <param name="images">As the file takes them.</param>
    /// <param name="inner">Values beside the outputs, made outputs for this run.</param>
    /// <param name="optimised">Whether ONNX Runtime may put operators together.</param>
    /// <returns>Outputs and inner values by name, in the current dispose scope.</returns>
    public static Dictionary<string, Tensor> Of(string path, Tensor images, IReadOnlyList<string> inner, bool optimised = true)
    {
        byte[] file = WithOutputs(File.ReadAllBytes(path), inner);
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 2,
            GraphOptimizationLevel = optimised ? GraphOptimizationLevel.ORT_ENABLE_ALL : GraphOptimizationLevel.ORT_DISABLE_ALL,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        Runtime.EnvLogLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR;
        using var session = new InferenceSession(file, options);
        using OrtValue input = Input(images.contiguous());
        using var run = new RunOptions();
        using var values = session.Run(run, session.InputNames, [input], session.OutputNames);
        return session.OutputNames.Zip(values).ToDictionary(pair => pair.First, pair => Read(pair.Second), StringComparer.Ordinal);
    }

    private static OrtValue Input(Tensor images) => images.dtype switch
    {
        ScalarType.Byte => OrtValue.CreateTensorValueFromMemory(images.data<byte>().ToArray(), images.shape),
        ScalarType.Int32 => OrtValue.CreateTensorValueFromMemory(images.data<int>().ToArray(), images.shape),
        _ => OrtValue.CreateTensorValueFromMemory(images.data<float>().ToArray(), images.shape),
    };

    private static Tensor Read(OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        return info.ElementDataType switch
        {
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float => tensor(value.GetTensorDataAsSpan<float>().ToArray(), info.Shape),
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Int64 => tensor(value.GetTensorDataAsSpan<long>().ToArray(), info.Shape),
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Bool => tensor(value.GetTensorDataAsSpan<bool>().ToArray(), info.Shape),
            var type => throw new NotSupportedException($"{type}"),
        };
    }

    /// <summary>
    /// Outputs are added by bytes behind the file: protobuf joins messages, and ONNX Runtime finds the types. Field 7 is the graph, its
    /// field 12 an output, that one's field 1 the name.
    /// </summary>
    private static byte[] WithOutputs(byte[] file, IReadOnlyList<string> names)
    {
        List<byte> all = [.. file];
        foreach (string name in names)
        {
            byte[] output = Field(1, System.Text.Encoding.UTF8.GetBytes(name));
            all.AddRange(Field(7, Field(12, output)));
        }
        return [.. all];
    }

    private static byte[] Field(int number, byte[] content)
    {
        List<byte> bytes = [(byte)((number << 3) | 2)];
        for (int length = content.Length; ; length >>= 7)
        {
            bytes.Add((byte)(length < 0x80 ? length : length | 0x80));
            if (length < 0x80) break;
        }
        return [.. bytes, .. content];
    }
}
