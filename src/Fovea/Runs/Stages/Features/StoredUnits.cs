using Fovea.Interpretation;
using Fovea.IO;
using Fovea.Visualization;

namespace Fovea.Runs.Stages.Features;

/// <summary>Where the pictures of a group's units are, as documents of its layer name them: by the group's tables.</summary>
internal sealed class StoredUnits
{
    private readonly Dictionary<int, StoredPicture> _pictures = [];
    private readonly Dictionary<(int Unit, int Rank), StoredPicture> _crops = [];

    /// <summary>Reads the tables.</summary>
    /// <param name="folder">The group's folder.</param>
    /// <param name="group">The group's name, which is its folder's.</param>
    /// <exception cref="FoveaException">Data: a table is missing or damaged.</exception>
    public StoredUnits(string folder, string group)
    {
        string name = SafeName.Require(group, "a folder of pictures");
        foreach (FeatureRow row in TableFile.Read<FeatureRow>(Path.Combine(folder, FeatureTables.FeaturesName)))
        {
            if (row.Preset == RenderPresets.Paper.Preset && row.PicturePlace() is { } place) _pictures.Add(row.Unit, place.Below(name));
        }
        foreach (ExampleRow row in TableFile.Read<ExampleRow>(Path.Combine(folder, FeatureTables.ExamplesName)))
        {
            if (row.Kind == ExampleKinds.Top && row.CropPlace() is { } place) _crops.Add((row.Unit, row.Rank), place.Below(name));
        }
    }

    /// <summary>A unit's first picture by the paper's recipe; null where none was made.</summary>
    public StoredPicture? Picture(int unit) => _pictures.GetValueOrDefault(unit);

    /// <summary>The crop of one of its top examples; null where none was made.</summary>
    public StoredPicture? Crop(int unit, int rank) => _crops.GetValueOrDefault((unit, rank));
}
