using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Fovea.Imaging;
using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models;

/// <summary>
/// Tells networks apart: the architecture's name and, after a colon, SHA-256 (hex) over the graph, every weight and the preprocessing.
/// Equal on every device, and for a network that was written and read again. It is of the weights as they are when it is asked for and
/// takes the time of reading them once.
/// </summary>
public static class ModelFingerprint
{
    private const int ShownDigits = 12;

    /// <summary>The fingerprint of a network as it is now.</summary>
    /// <param name="model">The network.</param>
    public static string Of(ImageModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, model.Graph);
        Add(hash, model.Preprocessing);
        foreach (var (name, value) in model.State)
        {
            using var scope = NewDisposeScope();
            Text(hash, $"{name} {value.dtype} [{string.Join(", ", value.shape)}]");
            hash.AppendData(value.detach().cpu().contiguous().bytes);
        }
        return $"{model.Architecture}:{Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }

    /// <summary>A fingerprint for people: the architecture and the first digits.</summary>
    /// <param name="fingerprint">What <see cref="Of"/> gives.</param>
    public static string Short(string fingerprint)
    {
        ArgumentNullException.ThrowIfNull(fingerprint);
        int colon = fingerprint.LastIndexOf(':');
        return $"{fingerprint[..Math.Max(colon, 0)]} {fingerprint[(colon + 1)..Math.Min(fingerprint.Length, colon + 1 + ShownDigits)]}".Trim();
    }

    private static void Add(IncrementalHash hash, NetworkGraph graph)
    {
        Text(hash, graph.Input);
        foreach (GraphNode node in graph.Nodes)
        {
            Text(hash, node.Operator.Name);
            foreach (var (name, value) in node.Attributes)
                Text(hash, $"{name}={(value is long[] several ? string.Join(",", several) : Convert.ToString(value, CultureInfo.InvariantCulture))}");
            Text(hash, string.Join(",", node.Inputs));
            Text(hash, string.Join(",", node.Outputs));
        }
        Text(hash, graph.Output);
        foreach (GraphLayer layer in graph.Layers) Text(hash, $"{layer.Name}={layer.Value}");
    }

    private static void Add(IncrementalHash hash, Preprocessing preprocessing)
    {
        Text(hash, $"resize {preprocessing.Resize}, crop {preprocessing.Crop}"
            + (preprocessing.Width is { } width ? $" high, {width} wide" : "")
            + (preprocessing.Squash ? ", squashed" : "")
            + (preprocessing.Interpolation == Interpolation.Bilinear ? "" : $", {preprocessing.Interpolation}"));
        hash.AppendData(MemoryMarshal.AsBytes<float>([.. preprocessing.Mean, .. preprocessing.Std]));
    }

    private static void Text(IncrementalHash hash, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
