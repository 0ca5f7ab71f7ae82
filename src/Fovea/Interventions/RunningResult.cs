using Fovea.Models.Edits;
using Fovea.Numerics;

namespace Fovea.Interventions;

/// <summary>Sums of one intervention's outcomes: memory that does not grow with the images.</summary>
internal sealed class RunningResult
{
    private readonly double[] _sums = new double[7];
    private readonly Moments _top1 = new(), _loss = new(), _logit = new();
    private int _images;

    public void Add(InterventionOutcome one)
    {
        _images++;
        double[] values =
        [
            one.Original.Top1 ? 1 : 0, one.Original.Top5 ? 1 : 0, one.Original.Loss,
            one.Edited.Top1 ? 1 : 0, one.Edited.Top5 ? 1 : 0, one.Edited.Loss, one.Kl,
        ];
        for (int i = 0; i < values.Length; i++) _sums[i] += values[i];
        _top1.Add(values[0] - values[3]);
        _loss.Add(values[5] - values[2]);
        _logit.Add(one.LogitChange);
    }

    public InterventionResult Of(Intervention intervention) =>
        new(intervention, _images, Scores(0), Scores(3), _sums[6] / _images, _top1.Interval(), _loss.Interval(), _logit.Interval());

    private SpliceScores Scores(int first) => new(_sums[first] / _images, _sums[first + 1] / _images, _sums[first + 2] / _images);

    /// <summary>Mean and spread of numbers as they come (Welford 1962).</summary>
    private sealed class Moments
    {
        private int _count;
        private double _mean, _squares;

        public void Add(double value)
        {
            double step = value - _mean;
            _mean += step / ++_count;
            _squares += step * (value - _mean);
        }

        public PairedDifference Interval() => PairedDifference.Of(_mean, _squares, _count);
    }
}
