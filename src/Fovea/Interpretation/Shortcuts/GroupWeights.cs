namespace Fovea.Interpretation.Shortcuts;

/// <summary>
/// Weights of images under which group and class are independent, while each keeps its own share (Kamiran and Calders 2012): an image of
/// class y and group g weighs n_y n_g / (n n_yg). What is fitted with them cannot use the one to tell the other.
/// </summary>
internal static class GroupWeights
{
    /// <summary>One weight an image; they add up to 1.</summary>
    public static double[] Of(IReadOnlyList<int> labels, bool[] member)
    {
        int n = labels.Count;
        var classes = labels.CountBy(label => label).ToDictionary();
        var cells = Enumerable.Range(0, n).CountBy(i => (labels[i], member[i])).ToDictionary();
        double inside = member.Count(one => one), outside = n - inside;
        double[] weights =
            [.. Enumerable.Range(0, n).Select(i => classes[labels[i]] * (member[i] ? inside : outside) / n / cells[(labels[i], member[i])])];
        double sum = weights.Sum();
        return [.. weights.Select(weight => weight / sum)];
    }
}
