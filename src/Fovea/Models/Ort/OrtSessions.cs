using System.Runtime.InteropServices;
using Fovea.Models.Graph;
using Fovea.Models.Onnx;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace Fovea.Models.Ort;

/// <summary>
/// The sessions of one network, which all views of it share: a few, for the values that were asked for last. A session holds the weights as
/// they were; before it is used again they are compared by a checksum, whoever changed them. One thread at a time.
/// </summary>
internal sealed class OrtSessions : IDisposable
{
    /// <summary>Sessions that nobody uses and that are kept, and bytes of weights in them.</summary>
    private const int MostKept = 3;
    private const long MostBytes = 256L << 20;

    private readonly List<KeptSession> _kept = [];

    /// <summary>A session for some values, to be given back; or one that only says why there is none.</summary>
    /// <param name="model">The network.</param>
    /// <param name="values">Values of its graph as it was written.</param>
    /// <param name="height">Of the images, in pixels.</param>
    /// <param name="width">Of the images, in pixels.</param>
    public KeptSession Open(ImageModel model, IReadOnlyList<string> values, int height, int width)
    {
        int threads = get_num_threads();
        ulong weights = WeightChecksum.Of(model.State.Values);
        foreach (KeptSession stale in _kept.Where(one => one.Weights != weights).ToArray()) Drop(stale);
        KeptSession? kept = _kept.FirstOrDefault(
            one => one.Graph == model.Graph && one.Size == (height, width) && one.Threads == threads && one.Weights == weights
                && one.Values.SequenceEqual(values));
        if (kept is null)
        {
            var (session, refusal) = Make(model, values, height, width, threads);
            kept = new KeptSession(model.Graph, [.. values], (height, width), threads, weights, session, refusal);
        }
        _kept.Remove(kept);
        _kept.Insert(0, kept);
        kept.Users++;
        Trim();
        return kept;
    }

    /// <summary>Gives a session back that <see cref="Open"/> gave.</summary>
    public void Return(KeptSession kept)
    {
        kept.Users--;
        Trim();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (KeptSession kept in _kept) kept.Session?.Dispose();
        _kept.Clear();
    }

    private static (OrtSession? Session, string? Refusal) Make(
        ImageModel model, IReadOnlyList<string> values, int height, int width, int threads)
    {
        try
        {
            return (OrtBuild.Open(model, values, height, width, threads), null);
        }
        // What makes the network itself impossible to run is said by libtorch, which is then asked.
        catch (Exception e) when (e is ExportRefusedException or FoveaException or OnnxRuntimeException or ExternalException && !Shortage.Is(e))
        {
            return (null, e.Message.Split('\n')[0].TrimEnd('.', ' '));
        }
    }

    /// <summary>Those that were used last stay.</summary>
    private void Trim()
    {
        int count = 0;
        long bytes = 0;
        foreach (KeptSession kept in _kept.ToArray())
        {
            bytes += kept.Session?.Bytes ?? 0;
            if (++count > MostKept || bytes > MostBytes) Drop(kept);
        }
    }

    private void Drop(KeptSession kept)
    {
        if (kept.Users > 0) return;
        _kept.Remove(kept);
        kept.Session?.Dispose();
    }
}

/// <summary>A session and what it was made for.</summary>
/// <param name="Graph">The network.</param>
/// <param name="Values">What it gives.</param>
/// <param name="Size">Of the images, in pixels.</param>
/// <param name="Threads">Threads of one pass.</param>
/// <param name="Weights">A checksum of the weights (<see cref="WeightChecksum"/>).</param>
/// <param name="Session">The session; null: there is none.</param>
/// <param name="Refusal">Why there is none.</param>
internal sealed record KeptSession(
    NetworkGraph Graph, string[] Values, (int Height, int Width) Size, int Threads, ulong Weights, OrtSession? Session, string? Refusal)
{
    /// <summary>Readers that have it.</summary>
    public int Users { get; set; }
}
