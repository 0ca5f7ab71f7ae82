using Fovea.Activations;
using Fovea.Activations.Filters.ClassActivation;

namespace Fovea.Interpretation.Attribution;

/// <summary>Collects what <see cref="CamReport"/> says of the methods, image by image; memory does not grow with their number.</summary>
internal sealed class CamStatistics(IReadOnlyList<ClassActivationMap> methods)
{
    private readonly Counts[] _counts = [.. methods.Select(_ => new Counts())];
    private readonly FilterStatistics _similarity = new([.. methods.Select(method => (method.Name, method.Formula))]);
    private int _images, _right, _wrong;

    /// <summary>Images that were added.</summary>
    public int Images => _images;

    /// <summary>Height and width of the maps; of the last ones that were added.</summary>
    public IReadOnlyList<int> Grid { get; set; } = [];

    /// <summary>Everything that was counted, in a fixed order: the sums of two sets of images are added number by number.</summary>
    public double[] Sums => [_images, _right, _wrong, .. _counts.SelectMany(counts => counts.Sums), .. _similarity.Sums];

    /// <summary>Adds what was counted over other images.</summary>
    /// <param name="sums">As <see cref="Sums"/> gives them, of the same methods.</param>
    /// <exception cref="ArgumentException">They are not so many.</exception>
    public void Add(double[] sums)
    {
        if (sums.Length != Sums.Length) throw new ArgumentException("These are sums of other methods.", nameof(sums));
        (_images, _right, _wrong) = (_images + (int)sums[0], _right + (int)sums[1], _wrong + (int)sums[2]);
        int at = 3;
        foreach (Counts counts in _counts)
        {
            counts.Add(sums.AsSpan(at, Counts.Length));
            at += Counts.Length;
        }
        _similarity.AddSums(sums.Skip(at));
    }

    /// <summary>Adds one image.</summary>
    /// <param name="signed">Its signed map under each method, one value a position.</param>
    /// <param name="drawn">The same as drawn from.</param>
    /// <param name="right">Whether the network classifies the image rightly; null where that is not known.</param>
    public void Add(IReadOnlyList<float[]> signed, IReadOnlyList<float[]> drawn, bool? right)
    {
        _images++;
        if (right == true) _right++;
        else if (right == false) _wrong++;
        _similarity.Add(drawn);
        for (int i = 0; i < _counts.Length; i++) _counts[i].Add(signed[i], PatchSampler.IsAllZero(drawn[i]), right);
    }

    /// <summary>The figures so far.</summary>
    public CamReport Report(string layer, CamClass of)
    {
        FilterReport similarity = _similarity.Report();
        return new CamReport
        {
            Layer = layer,
            Grid = Grid,
            Images = _images,
            Top1 = Share(_right, _right + _wrong),
            Class = of,
            Methods = [.. methods.Zip(_counts, (method, counts) => counts.Summary(method, _images, _right, _wrong))],
            Cosine = similarity.Cosine,
            Spearman = similarity.Spearman,
        };
    }

    private static double? Share(double part, int whole) => whole == 0 ? null : part / whole;

    /// <summary>What is counted for one method.</summary>
    private sealed class Counts
    {
        private int _allZero, _allZeroRight, _allZeroWrong, _nowherePositive, _silent, _negativeSum;
        private double _positiveArea;

        /// <summary>Numbers of <see cref="Sums"/>.</summary>
        public const int Length = 7;

        public double[] Sums => [_allZero, _allZeroRight, _allZeroWrong, _nowherePositive, _silent, _negativeSum, _positiveArea];

        public void Add(ReadOnlySpan<double> sums)
        {
            (_allZero, _allZeroRight, _allZeroWrong) = (_allZero + (int)sums[0], _allZeroRight + (int)sums[1], _allZeroWrong + (int)sums[2]);
            (_nowherePositive, _silent, _negativeSum) = (_nowherePositive + (int)sums[3], _silent + (int)sums[4], _negativeSum + (int)sums[5]);
            _positiveArea += sums[6];
        }

        public void Add(float[] map, bool allZero, bool? right)
        {
            int positive = map.Count(value => value > 0);
            if (allZero) _allZero++;
            if (allZero && right == true) _allZeroRight++;
            if (allZero && right == false) _allZeroWrong++;
            if (positive == 0) _nowherePositive++;
            if (map.All(value => value == 0)) _silent++;
            if (map.Sum(value => (double)value) <= 0) _negativeSum++;
            _positiveArea += (double)positive / map.Length;
        }

        public CamSummary Summary(ClassActivationMap method, int images, int right, int wrong)
        {
            double Of(double part) => Share(part, images) ?? 0;
            return new CamSummary(
                method.Name, method.Formula, Of(_allZero), Of(_nowherePositive), Of(_silent), Of(_negativeSum),
                Share(_allZeroRight, right), Share(_allZeroWrong, wrong), Of(_positiveArea));
        }
    }
}
