namespace Fovea.Training;

/// <summary>What one image's logits say about its true class.</summary>
/// <param name="Predicted">The class with the largest logit; the first of equals.</param>
/// <param name="Rank">Classes that come before the true one: 0 is a top-1 hit, below 5 a top-5 hit. NaN counts as larger.</param>
/// <param name="Loss">Cross-entropy, −log softmax of the true class, in nats.</param>
/// <param name="Confidence">Softmax of the predicted class.</param>
internal readonly record struct LogitScore(int Predicted, int Rank, double Loss, double Confidence)
{
    /// <summary>The score of one row of logits, in double precision.</summary>
    public static LogitScore Of(ReadOnlySpan<float> logits, int label)
    {
        int predicted = 0, rank = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            if (logits[i] > logits[predicted]) predicted = i;
            bool before = i < label ? !(logits[i] < logits[label]) : !(logits[i] <= logits[label]);
            if (before && i != label) rank++;
        }
        double sum = 0;
        foreach (float logit in logits) sum += Math.Exp((double)logit - logits[predicted]);
        return new LogitScore(predicted, rank, logits[predicted] - (double)logits[label] + Math.Log(sum), 1 / sum);
    }
}
