using Fovea.Numerics;

namespace Fovea.Interventions.Studies;

/// <summary>Outcomes image by image, added up over all images and class by class.</summary>
/// <param name="label">The class of an image.</param>
internal sealed class ChangesTally(Func<int, int> label)
{
    private readonly SortedDictionary<int, Counts> _classes = [];
    private readonly List<double> _losses = [], _logits = [];
    private int _top5Before, _top5After;
    private double _kl;

    public void Add(InterventionOutcome one)
    {
        int of = label(one.Image);
        if (!_classes.TryGetValue(of, out Counts? counts)) _classes.Add(of, counts = new Counts());
        counts.Images++;
        if (one.Original.Top1) counts.Right++;
        if (one.Original.Top1 && !one.Edited.Top1) counts.Lost++;
        if (!one.Original.Top1 && one.Edited.Top1) counts.Won++;
        if (one.Original.Top5) _top5Before++;
        if (one.Edited.Top5) _top5After++;
        _losses.Add(one.Edited.Loss - one.Original.Loss);
        _logits.Add(one.LogitChange);
        _kl += one.Kl;
    }

    /// <summary>The result; at least one outcome was added.</summary>
    /// <param name="name">The name of a class.</param>
    public ChangesResult Result(Func<int, string> name)
    {
        var all = new Counts
        {
            Images = _losses.Count,
            Right = _classes.Values.Sum(one => one.Right),
            Lost = _classes.Values.Sum(one => one.Lost),
            Won = _classes.Values.Sum(one => one.Won),
        };
        return new ChangesResult(
            all.Images, all.Lost, all.Won, all.Before, all.After, (double)_top5Before / all.Images, (double)_top5After / all.Images, all.Change,
            PairedDifference.Of(_losses), PairedDifference.Of(_logits), _kl / all.Images,
            [.. _classes.Select(pair => new ClassEffect(
                    pair.Key, name(pair.Key), pair.Value.Images, pair.Value.Lost, pair.Value.Won, pair.Value.Before, pair.Value.After, pair.Value.Change))
                .OrderByDescending(one => Math.Abs(one.Top1Change.Mean)).ThenByDescending(one => one.Lost + one.Won).ThenBy(one => one.Class)]);
    }

    private sealed class Counts
    {
        public int Images { get; set; }

        public int Right { get; set; }

        public int Lost { get; set; }

        public int Won { get; set; }

        public double Before => (double)Right / Images;

        public double After => (double)(Right - Lost + Won) / Images;

        /// <summary>An image's difference is 1, 0 or −1: Σ (dᵢ − d̄)² needs no list of them.</summary>
        public PairedDifference Change
        {
            get
            {
                double mean = (double)(Won - Lost) / Images;
                return PairedDifference.Of(mean, Won + Lost - Images * mean * mean, Images);
            }
        }
    }
}
