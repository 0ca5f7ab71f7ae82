using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.Dictionaries.Sparse;
using Fovea.Interpretation;
using Fovea.Interventions;
using Fovea.Interventions.Effects;
using Fovea.Runs.Settings;
using Fovea.Training;

namespace Fovea.Runs.Stages.Proof;

/// <summary>
/// The effects of a source's units, in pieces that do not depend on each other: latents with their dictionary's error kept and with it
/// dropped. What a piece found lies in the folder that the stage clears, as a table; what is not there is found by who needs it.
/// </summary>
internal sealed class SourceEffects : IDisposable
{
    private readonly RunContext _context;
    private readonly ProofSettings _proof;
    private readonly string _layer, _source, _scratch;
    private readonly IImageSource _images;
    private readonly EffectStudyOptions _options;
    private readonly SparseAutoencoder? _dictionary;
    private readonly IReadOnlyList<EffectUnits> _kinds;

    /// <param name="context">The run.</param>
    /// <param name="proof">The stage's settings.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="source">Its neurons or a dictionary.</param>
    /// <param name="images">The images.</param>
    /// <param name="options">Which of them, and how many units.</param>
    /// <param name="scratch">A folder for what pieces found, of this source alone.</param>
    public SourceEffects(
        RunContext context, ProofSettings proof, string layer, string source, IImageSource images, EffectStudyOptions options, string scratch)
    {
        (_context, _proof, _layer, _source, _images, _options, _scratch) = (context, proof, layer, source, images, options, scratch);
        _dictionary = source == UnitGroup.NeuronsName ? null : AutoencoderFile.Load(context.Run.Dictionary(layer, source), context.Device);
        _kinds = EffectStudy.Kinds(layer, _dictionary);
    }

    /// <summary>What the ways of measuring latents are called.</summary>
    public static IReadOnlyList<string> Ways { get; } = [.. Enum.GetNames<DictionaryError>().Select(name => name.ToLowerInvariant())];

    /// <summary>Measures the units in one way, unless that was done.</summary>
    /// <param name="way">Its place in <see cref="Ways"/>; of neurons 0.</param>
    /// <returns>A row a unit.</returns>
    public EffectRow[] Find(int way)
    {
        string path = Path.Combine(_scratch, FormattableString.Invariant($"rows-{way}.parquet"));
        if (Kept(path) is { } kept) return kept;
        var progress = new Reporter<EvaluationProgress>(value => _context.Report(
            ProofStage.StageName, value.Images, value.Total, "images", $"effects of {_layer}/{_source}"));
        EffectRow[] rows = EffectStudy.Measure(
            _context.Network, _kinds[way], _images, _options with { Chosen = Chosen() }, progress, _context.Cancellation);
        TableFile.Write(path, rows);
        return rows;
    }

    /// <summary>Writes the source's results.</summary>
    public void Write()
    {
        EffectRow[][] all = [.. _kinds.Select((_, way) => Find(way))];
        EffectRow[] rows = [.. all.SelectMany(own => own)];
        string folder = _context.Run.ProofOf(_layer, _source);
        TableFile.Write(Path.Combine(folder, EffectRow.FileName), rows);
        if (_proof.Firing > 0)
        {
            UnitGroup group = _dictionary is null ? UnitGroup.Neurons(_layer) : UnitGroup.Latents(_layer, _source, _dictionary);
            FiringUnits.Write(_context, _proof, _context.Network, group, rows, _images, _options.Images!, folder);
        }
        DocumentFile.Write(Path.Combine(folder, EffectsDocument.FileName), EffectStudy.Document(
            _context.Network, _layer, _source, _kinds, all, _options, _images));
    }

    public void Dispose() => _dictionary?.Dispose();

    /// <summary>The units that are measured, the same in both ways: chosen by whoever comes first, or by two at once.</summary>
    private int[] Chosen()
    {
        const string Units = "units";
        const int Schema = 1;
        string path = Path.Combine(_scratch, "chosen.safetensors");
        if (KeptTensors.Find(path, Schema, file => file.Span<int>(Units).ToArray()) is { } kept) return kept;
        int[] chosen = EffectStudy.Choose(_context.Network, _kinds[0], _images, _options, _context.Cancellation);
        KeptTensors.Write(path, Schema, [SafetensorsEntry.Of(Units, chosen)]);
        return chosen;
    }

    /// <summary>What lies there; null where that is nothing, or nothing that can be read.</summary>
    private static EffectRow[]? Kept(string path)
    {
        try
        {
            return File.Exists(path) ? [.. TableFile.Read<EffectRow>(path)] : null;
        }
        catch (FoveaException e) when (e.Kind == FailureKind.Data)
        {
            return null;
        }
    }
}
