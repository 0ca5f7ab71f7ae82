using Fovea.Activations;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Plain;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Training;
using Fovea.Runs.Settings;

namespace Fovea.Runs.Stages.Sweeps;

/// <summary>
/// What is measured of a sweep in one fold: its autoencoders, loaded, at each of their clip values, and its plain dictionaries, fitted, at
/// each k.
/// </summary>
internal sealed class SweepCandidates : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly List<(SweepPoint Point, IFeatureDictionary Dictionary)> _all = [];

    /// <summary>Points without measures, and the dictionaries they stand for.</summary>
    public IReadOnlyList<(SweepPoint Point, IFeatureDictionary Dictionary)> All => _all;

    /// <summary>Loads an autoencoder.</summary>
    public void Add(SweepMember member, string folder)
    {
        var report = DocumentFile.Read<AutoencoderReport>(Path.Combine(folder, TrainedAutoencoder.ReportName));
        var autoencoder = AutoencoderFile.Load(folder);
        _owned.Add(autoencoder);
        var point = new SweepPoint
        {
            Id = member.Id,
            Label = member.Label,
            Architecture = autoencoder.Architecture,
            Baseline = false,
            Filter = member.Filter,
            Sparsity = report.Sparsity,
            Seed = member.Seed,
            DIn = autoencoder.InputSize,
            DSae = autoencoder.LatentSize,
            Measures = new Dictionary<string, IReadOnlyList<DictionaryScores>>(),
        };
        if (autoencoder is L1Autoencoder l1)
        {
            foreach (double clip in member.Clips.Count > 0 ? member.Clips : [((L1Options)member.Options.Variant).Clip])
                _all.Add((point with { Clip = clip }, new ConfiguredDictionary(l1, () => l1.Clip = clip / report.InputScale)));
        }
        else _all.Add((point, autoencoder));
    }

    /// <summary>Fits a plain dictionary.</summary>
    public void Add(
        string baseline, SweepSettings settings, IVectorSource source, RowSet rows, string filter, ulong seed,
            CancellationToken cancellation)
    {
        var fitted = BaselineDictionaries.Fit(baseline, source, rows,
            new BaselineOptions { LatentSize = (int)Math.Round(settings.BaselineExpansion * source.Dimension), Seed = seed }, cancellation);
        _owned.Add(fitted);
        // k-means has one active latent whatever is asked for.
        foreach (int k in fitted is KMeans ? [1] : settings.BaselineK.Select(k => Math.Min((int)k, fitted.LatentSize)).Distinct())
        {
            var point = new SweepPoint
            {
                Id = baseline,
                Label = baseline,
                Architecture = baseline,
                Baseline = true,
                Filter = filter,
                Sparsity = k,
                DIn = fitted.InputSize,
                DSae = fitted.LatentSize,
                Measures = new Dictionary<string, IReadOnlyList<DictionaryScores>>(),
            };
            _all.Add((point, new ConfiguredDictionary(fitted, () => fitted.K = fitted is KMeans ? null : k)));
        }
    }

    public void Dispose()
    {
        foreach (var one in _owned) one.Dispose();
    }
}
