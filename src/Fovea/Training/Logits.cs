using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Fovea.Training;

/// <summary>Reads logits out of a tensor.</summary>
internal static class Logits
{
    /// <summary>The scores of a batch.</summary>
    /// <param name="logits"><c>[N, classes]</c>, any device.</param>
    /// <param name="labels">N true classes.</param>
    public static LogitScore[] Score(Tensor logits, int[] labels)
    {
        using var scope = NewDisposeScope();
        var values = logits.detach().to(ScalarType.Float32).cpu().contiguous();
        int classes = (int)values.shape[1];
        ReadOnlySpan<float> all = MemoryMarshal.Cast<byte, float>(values.bytes);
        var scores = new LogitScore[labels.Length];
        for (int i = 0; i < scores.Length; i++) scores[i] = LogitScore.Of(all.Slice(i * classes, classes), labels[i]);
        GC.KeepAlive(values);
        return scores;
    }

    /// <summary>KL(softmax p ‖ softmax q) = Σ_c p_c (log p_c − log q_c) of each row, in nats and double precision.</summary>
    /// <param name="p">Logits <c>[N, classes]</c>, any device.</param>
    /// <param name="q">Logits of the same shape.</param>
    public static double[] Divergence(Tensor p, Tensor q)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        // In main memory: not every device has float64.
        var (of, from) = (LogSoftmax(p), LogSoftmax(q));
        return (of.exp() * (of - from)).sum([1L]).data<double>().ToArray();

        static Tensor LogSoftmax(Tensor logits) => nn.functional.log_softmax(logits.detach().cpu().to(ScalarType.Float64), 1);
    }
}
