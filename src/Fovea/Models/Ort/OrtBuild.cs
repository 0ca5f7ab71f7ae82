using Fovea.Models.Graph;
using Fovea.Models.Onnx;
using Fovea.Models.Torch;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Models.Ort;

/// <summary>
/// Makes a session of a network: its graph and weights as ONNX in memory, with the values asked for as outputs. Before anybody relies on
/// it, it is given two images of noise, and its values must be libtorch's.
/// </summary>
internal static class OrtBuild
{
    /// <summary>
    /// How far a value may be off libtorch's, as a part of the largest: what rounding alone does in networks that enlarge it, such as
    /// MaxViT with random weights. What is further off is another calculation.
    /// </summary>
    public const double Tolerance = 1e-3;

    /// <summary>Makes it.</summary>
    /// <param name="model">The network, in evaluation mode, in main memory.</param>
    /// <param name="values">Values of its graph as it was written (<see cref="ImageModel.AsWritten"/>).</param>
    /// <param name="height">Of the images, in pixels.</param>
    /// <param name="width">Of the images, in pixels.</param>
    /// <param name="threads">Threads of one pass.</param>
    /// <exception cref="ExportRefusedException">It cannot be written so, or gives other values; the message is a sentence's end.</exception>
    /// <exception cref="FoveaException">A layer cannot be written as ONNX.</exception>
    public static OrtSession Open(ImageModel model, IReadOnlyList<string> values, int height, int width, int threads)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        ImageModel written = model.AsWritten();
        NetworkGraph graph = written.Graph;
        // A value is asked for by a layer that names it: a layer of the value's own name may be another one.
        ILookup<string, string> names = graph.Layers.ToLookup(layer => layer.Value, layer => layer.Name, StringComparer.Ordinal);
        string[] layers = [.. values.Select(value => names[value].FirstOrDefault() ?? value)];
        var probe = new Probe(layers);
        ExportTrace trace = ExportTrace.Of(graph, written, probe, height, width, CancellationToken.None);
        byte[] file = OnnxExport.ForReading(graph, written, trace, values);
        var session = new OrtSession(file, graph.Input, [.. values.Select(value => (value, trace[value]))], threads);
        try
        {
            Tensor images = BatchCheck.Noise(2, height, width);
            // Node by node, so that no weights are put into other forms for two images.
            ProbeResult expected = new TorchEngine(graph, written.State, written.Mode).Run(images, probe, []);
            Tensor[] actual = session.Run(images);
            for (int i = 0; i < actual.Length; i++)
            {
                double difference = BatchCheck.Relative(actual[i], expected[layers[i]]);
                // NaN, of weights that are not finite, is no agreement.
                if (!(difference <= Tolerance))
                    throw new ExportRefusedException(FormattableString.Invariant(
                        $"its values of {layers[i]} are {difference:0.0E+0} of the largest off libtorch's"));
            }
            // What was only needed for the start: up to three times the weights.
            NativeHeap.Trim();
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }
}
