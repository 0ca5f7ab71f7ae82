using Fovea.Datasets;
using Fovea.Models;
using Fovea.Models.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Fovea.Bench;

/// <summary>
/// ONNX Runtime as a user has it: a session of the network's exported file to which a layer was added as an output, on batches in memory.
/// </summary>
internal sealed class BareRuntime : IDisposable
{
    private readonly SessionOptions _options;
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();

    /// <param name="model">The network.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="awake">Whether threads wait awake, as they do unless they are told.</param>
    public BareRuntime(ImageModel model, string layer, bool awake = true)
    {
        string path = Path.Combine(Path.GetTempPath(), $"fovea-bench-{Environment.ProcessId}.onnx");
        byte[] file;
        try
        {
            OnnxExport.Write(model, path, new OnnxExportOptions { Overwrite = true, Preprocessing = false });
            file = File.ReadAllBytes(path);
        }
        finally
        {
            File.Delete(path);
        }
        // protobuf joins messages: graph (7), its output (12), that one's name (1).
        string value = model.Graph.Layer(layer).Value;
        var name = new ExportMessage().Message(7, new ExportMessage().Message(12, new ExportMessage().Text(1, value)));
        using var more = new MemoryStream();
        if (value != model.Graph.Output) name.WriteTo(more, CancellationToken.None);
        _options = new SessionOptions { IntraOpNumThreads = Environment.ProcessorCount, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        if (!awake) _options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        _session = new InferenceSession([.. file, .. more.ToArray()], _options);
    }

    /// <summary>Runs batches, one after the other.</summary>
    public void Run(IEnumerable<ImageBatch> batches)
    {
        foreach (ImageBatch batch in batches)
        {
            long[] shape = [batch.Count, 3, batch.Height, batch.Width];
            using OrtValue input = OrtValue.CreateTensorValueFromMemory(
                OrtMemoryInfo.DefaultInstance, batch.Pixels.AsMemory(0, batch.Count * 3 * batch.Height * batch.Width), shape);
            using var outputs = _session.Run(_run, _session.InputNames, [input], _session.OutputNames);
        }
    }

    public void Dispose()
    {
        _session.Dispose();
        _run.Dispose();
        _options.Dispose();
    }
}
