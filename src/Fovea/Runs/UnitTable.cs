using Fovea.Datasets;
using Fovea.Interpretation;
using Fovea.IO;

namespace Fovea.Runs;

/// <summary>A unit on one image, with what the run knows of it. Files of pictures are named by their paths.</summary>
public sealed record RankedUnit(int Unit, double Magnitude, StoredPicture? Picture, IReadOnlyList<UnitExample> Examples);

/// <summary>A dataset image that activates a unit. The crop's file is named by its path.</summary>
public sealed record UnitExample(string Image, string ClassName, double Value, StoredPicture? Crop);

/// <summary>What stage 4 wrote of a group of units; empty where it has not run.</summary>
public sealed class UnitTable
{
    private readonly string _folder;
    private readonly ClassList? _classes;
    private readonly ILookup<int, FeatureRow> _features;
    private readonly ILookup<int, ExampleRow> _examples;

    /// <summary>Reads the tables of a group.</summary>
    /// <param name="run">The run.</param>
    /// <param name="group">A layer's neurons or a dictionary's latents.</param>
    /// <param name="classes">Of the run's network; null where it has none.</param>
    /// <exception cref="FoveaException">A table is damaged.</exception>
    public UnitTable(RunFolder run, UnitGroup group, ClassList? classes)
    {
        (_folder, _classes) = (run.FeaturesOf(group.Layer, group.Name), classes);
        _features = Rows<FeatureRow>(FeatureTables.FeaturesName).ToLookup(row => row.Unit);
        _examples = Rows<ExampleRow>(FeatureTables.ExamplesName).Where(row => row.Kind == ExampleKinds.Top).OrderBy(row => row.Rank)
            .ToLookup(row => row.Unit);
    }

    /// <summary>Whether stage 4 has run for the group.</summary>
    public bool IsPresent => _features.Count > 0;

    /// <summary>Whether the unit is active anywhere in the data; true where that is not known.</summary>
    public bool IsAlive(int unit) => !IsPresent || _features[unit].Any(row => row.Density > 0);

    /// <summary>The unit with its picture and its first examples.</summary>
    public RankedUnit Describe(UnitMagnitude unit, int examples) => new(
        unit.Unit,
        unit.Magnitude,
        Placed(_features[unit.Unit].FirstOrDefault(row => row.Preset == "paper")?.PicturePlace()),
        [.. _examples[unit.Unit].Take(examples).Select(row =>
            new UnitExample(
                row.Image, row.Label >= 0 && row.Label < _classes?.Count
                    ? _classes[row.Label].Name : "", row.Value, Placed(row.CropPlace())))]);

    private StoredPicture? Placed(StoredPicture? picture) =>
        picture is null ? null : picture with { File = SafeName.Combine(_folder, picture.File.Split('/')) };

    private IReadOnlyList<TRow> Rows<TRow>(string name) where TRow : class, ITableRow, new()
    {
        string path = Path.Combine(_folder, name);
        return File.Exists(path) ? TableFile.Read<TRow>(path) : [];
    }
}
