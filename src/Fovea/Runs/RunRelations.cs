using System.Runtime.InteropServices;
using Fovea.Activations;
using Fovea.Checkpoints;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Sparse;
using Fovea.Interpretation;
using Fovea.Interpretation.Relations;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Runs;

/// <summary>What the units of a run's source are compared by, read from its folder: directions, profiles over classes, shared positions.</summary>
public static class RunRelations
{
    /// <summary>Positions that shared activity is counted over, where the run stored as many.</summary>
    public const int MostPositions = 32_768;

    /// <summary>Positions for neurons, of which nearly all are active nearly everywhere.</summary>
    public const int MostPositionsOfNeurons = 4_096;

    private const ulong Seed = 0;

    /// <summary>The decoder's rows of a dictionary, <c>[latents, channels]</c>; the channels' own axes for neurons.</summary>
    /// <returns>Owned by the caller; null where the run has no such dictionary or does not say how many channels there are.</returns>
    /// <exception cref="FoveaException">Data: a file is damaged.</exception>
    public static UnitDirections? Directions(RunFolder run, string layer, string source)
    {
        ArgumentNullException.ThrowIfNull(run);
        using var scope = NewDisposeScope();
        if (source == UnitGroup.NeuronsName) return Channels(run, layer) is { } channels ? UnitDirections.Of(eye(channels)) : null;
        string path = Path.Combine(run.Dictionary(layer, source), AutoencoderFile.WeightsName);
        if (!File.Exists(path)) return null;
        using SafetensorsFile file = SafetensorsFile.Open(path);
        if (!file.Tensors.TryGetValue(SparseAutoencoder.DecoderWeightName, out SafetensorsTensor? decoder) || decoder.Shape.Count != 2)
            throw FoveaException.BadData($"{path} has no decoder {SparseAutoencoder.DecoderWeightName} [latents, channels].");
        return decoder.Type == ElementType.F32
            ? Streamed(file, SparseAutoencoder.DecoderWeightName, Enumerable.Range(0, (int)decoder.Shape[1]), centred: false)
            : UnitDirections.Of(file.ToTensor(SparseAutoencoder.DecoderWeightName));
    }

    /// <summary>Directions of some columns of a tensor <c>[units, d]</c>, row by row from its file.</summary>
    private static UnitDirections Streamed(SafetensorsFile file, string name, IEnumerable<int> columns, bool centred)
    {
        SafetensorsTensor tensor = file.Tensors[name];
        int width = checked((int)tensor.Shape[1]);
        int[] kept = [.. columns];
        return UnitDirections.Of(checked((int)tensor.Shape[0]), kept.Length, centred, (unit, row) =>
        {
            ReadOnlySpan<float> values = file.Span<float>(name, (long)unit * width, width);
            if (kept.Length == width) values.CopyTo(row);
            else for (int i = 0; i < kept.Length; i++) row[i] = values[kept[i]];
        });
    }

    /// <summary>Each unit's mean activation on the images of each class, less its mean over the classes: cosines are correlations.</summary>
    /// <returns>Owned by the caller; null where the run measured none.</returns>
    /// <exception cref="FoveaException">Data: the file is damaged.</exception>
    public static UnitDirections? ClassProfiles(RunFolder run, string layer, string source)
    {
        ArgumentNullException.ThrowIfNull(run);
        using SafetensorsFile? file = OpenClassMeans(run, layer, source);
        if (file is null) return null;
        SafetensorsTensor means = file.Tensors[EvidenceTensors.ClassMeans];
        if (means.Type != ElementType.F32) throw FoveaException.BadData($"{file.Path}: {EvidenceTensors.ClassMeans} must be F32.");
        // A class without images is NaN for every unit: it says nothing of any.
        int classes = checked((int)means.Shape[1]);
        var unseen = new bool[classes];
        for (long unit = 0; unit < means.Shape[0]; unit++)
        {
            ReadOnlySpan<float> row = file.Span<float>(EvidenceTensors.ClassMeans, unit * classes, classes);
            if (VectorMath.AreFinite(row)) continue;
            for (int i = 0; i < classes; i++) unseen[i] |= !float.IsFinite(row[i]);
        }
        int[] seen = [.. Enumerable.Range(0, classes).Where(label => !unseen[label])];
        return seen.Length < 2 ? null : Streamed(file, EvidenceTensors.ClassMeans, seen, centred: true);
    }

    /// <summary>
    /// Profiles over classes of two sources, over the classes that both have images of: a correlation over different classes would say
    /// nothing.
    /// </summary>
    /// <returns>Owned by the caller; null where one of the two measured none.</returns>
    /// <exception cref="FoveaException">Data: a file is damaged, the two have different numbers of classes, or fewer than two in
    /// common.</exception>
    public static (UnitDirections A, UnitDirections B)? SharedClassProfiles(
        (RunFolder Run, string Layer, string Source) a, (RunFolder Run, string Layer, string Source) b)
    {
        using var scope = NewDisposeScope();
        if (ClassMeans(a.Run, a.Layer, a.Source) is not { } left || ClassMeans(b.Run, b.Layer, b.Source) is not { } right) return null;
        if (left.shape[1] != right.shape[1])
            throw FoveaException.BadData($"The two have {left.shape[1]} and {right.shape[1]} classes: their profiles cannot be compared.");
        Tensor seen = (left.isfinite().all(0) & right.isfinite().all(0)).nonzero().view(-1);
        if (seen.shape[0] < 2) throw FoveaException.BadData("The two have images of fewer than two classes in common.");
        return (Profiles(left, seen), Profiles(right, seen));
    }

    private static Tensor? ClassMeans(RunFolder run, string layer, string source)
    {
        using SafetensorsFile? file = OpenClassMeans(run, layer, source);
        return file?.ToTensor(EvidenceTensors.ClassMeans).to(float32);
    }

    /// <summary>The file with a source's means over classes; null where nothing was measured.</summary>
    private static SafetensorsFile? OpenClassMeans(RunFolder run, string layer, string source)
    {
        string path = Path.Combine(run.FeaturesOf(layer, source), EvidenceTensors.FileName);
        if (!File.Exists(path)) return null;
        var file = SafetensorsFile.Open(path);
        if (file.Tensors.TryGetValue(EvidenceTensors.ClassMeans, out SafetensorsTensor? means) && means.Shape.Count == 2) return file;
        file.Dispose();
        return means is null ? null : throw FoveaException.BadData($"{path}: {EvidenceTensors.ClassMeans} must be [units, classes].");
    }

    private static UnitDirections Profiles(Tensor means, Tensor seen)
    {
        Tensor kept = means.index_select(1, seen).contiguous();
        return UnitDirections.Of(kept.data<float>().ToArray(), (int)kept.shape[0], (int)kept.shape[1], centred: true);
    }

    /// <summary>Which units are active together at stored positions, drawn by a fixed seed where there are more than are looked at.</summary>
    /// <param name="run">The run.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="source"><c>neurons</c>, or the dictionary.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <param name="positions">How many positions: sources are compared over the same ones; null: as many as suit the source.</param>
    /// <param name="aside">Whether it goes on beside what somebody waits for, and takes one thread alone.</param>
    /// <returns>Null where the run stored no vectors of the layer, or has no such dictionary.</returns>
    /// <exception cref="FoveaException">Data: a file is damaged.</exception>
    public static CoActivation? Activity(
        RunFolder run, string layer, string source, CancellationToken cancellationToken = default, int? positions = null,
        bool aside = false)
    {
        ArgumentNullException.ThrowIfNull(run);
        return aside ? Workers.Aside(() => Counted(run, layer, source, positions, cancellationToken))
            : Counted(run, layer, source, positions, cancellationToken);
    }

    private static CoActivation? Counted(RunFolder run, string layer, string source, int? positions, CancellationToken cancellationToken)
    {
        if (!File.Exists(Path.Combine(run.ActivationsOf(layer), ActivationManifest.FileName))) return null;
        using ActivationStore store = ActivationStore.Open(run.ActivationsOf(layer));
        bool neurons = source == UnitGroup.NeuronsName;
        RowSet rows = RowSet.Range(0, store.Count).Sample(positions ?? PositionsOf(source), Seed, "relations/activity");
        if (neurons) return OfNeurons(store, rows, cancellationToken);
        string folder = run.Dictionary(layer, source);
        if (!File.Exists(Path.Combine(folder, AutoencoderFile.ConfigurationName))) return null;
        using SparseAutoencoder autoencoder = AutoencoderFile.Load(folder);
        var activity = new CoActivation(autoencoder.LatentSize);
        if (CodeStream.Supports(autoencoder))
        {
            using var stream = new CodeStream(autoencoder);
            foreach (SparseCodes codes in stream.Encode(store, rows, cancellation: cancellationToken)) activity.Add(codes);
            return activity;
        }
        foreach (float[] vectors in Batches(store, rows, CodeStream.DefaultBatchRows, cancellationToken))
        {
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            using SparseCodes codes = autoencoder.Encode(tensor(vectors).view(-1, store.Dimension).to(autoencoder.DType));
            activity.Add(codes);
        }
        return activity;
    }

    /// <summary>How many positions the activity of a source is counted over at most.</summary>
    public static int PositionsOf(string source) => source == UnitGroup.NeuronsName ? MostPositionsOfNeurons : MostPositions;

    private static CoActivation OfNeurons(ActivationStore store, RowSet rows, CancellationToken ct)
    {
        var activity = new CoActivation(store.Dimension);
        var active = new List<int>();
        var values = new List<float>();
        foreach (float[] vectors in Batches(store, rows, CodeStream.DefaultBatchRows, ct))
        {
            for (int first = 0; first < vectors.Length; first += store.Dimension)
            {
                active.Clear();
                values.Clear();
                for (int unit = 0; unit < store.Dimension; unit++)
                {
                    if (Math.Abs(vectors[first + unit]) <= UnitGroup.NeuronThreshold) continue;
                    active.Add(unit);
                    values.Add(vectors[first + unit]);
                }
                activity.Add(CollectionsMarshal.AsSpan(active), CollectionsMarshal.AsSpan(values));
            }
        }
        return activity;
    }

    private static IEnumerable<float[]> Batches(ActivationStore store, RowSet rows, int size, CancellationToken ct)
    {
        for (long first = 0; first < rows.Count; first += size)
        {
            ct.ThrowIfCancellationRequested();
            var some = new long[(int)Math.Min(size, rows.Count - first)];
            rows.Read(first, some);
            var vectors = new float[some.Length * store.Dimension];
            store.Read(some, vectors);
            store.Release();
            yield return vectors;
        }
    }

    private static int? Channels(RunFolder run, string layer)
    {
        string manifest = Path.Combine(run.ActivationsOf(layer), ActivationManifest.FileName);
        return File.Exists(manifest) ? DocumentFile.Read<ActivationManifest>(manifest).Channels : null;
    }
}
