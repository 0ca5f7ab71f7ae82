using Fovea.Interpretation.Shortcuts;
using Fovea.Models;

namespace Fovea.Interventions.Shortcuts;

/// <summary>How much more often each class is said of images of the group.</summary>
internal static class ClassShifts
{
    /// <summary>Every class, the largest shift first, equal ones by number.</summary>
    public static IReadOnlyList<ClassShift> Of(ImageModel model, ImageReadings readings, bool[] member)
    {
        double[] weights = GroupWeights.Of(readings.Labels, member);
        var said = new double[2, model.Outputs];
        double[] sum = new double[2], squares = new double[2];
        for (int i = 0; i < member.Length; i++)
        {
            int side = member[i] ? 1 : 0;
            said[side, readings.Predicted[i]] += weights[i];
            sum[side] += weights[i];
            squares[side] += weights[i] * weights[i];
        }
        return [.. Enumerable.Range(0, model.Outputs).Select(label =>
        {
            double inside = said[1, label] / sum[1], outside = said[0, label] / sum[0];
            // Of weighted images there are (Σw)² / Σw² in effect (Kish 1965).
            double variance = inside * (1 - inside) * squares[1] / sum[1] / sum[1] + outside * (1 - outside) * squares[0] / sum[0] / sum[0];
            return new ClassShift(label, model.ClassName(label), Intervals.Normal(inside - outside, variance, -1, 1));
        }).OrderByDescending(shift => shift.Shift.Value).ThenBy(shift => shift.Class)];
    }
}
