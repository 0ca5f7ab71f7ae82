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
}
