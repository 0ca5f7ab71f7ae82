using Fovea.Interpretation;
using Fovea.IO;
using Fovea.Visualization;

namespace Fovea.Runs.Stages.Features;

/// <summary>Where the pictures of a group's units are, as documents of its layer name them.</summary>
/// <param name="group">The group's name, which is its folder's.</param>
/// <param name="pictures">Its pictures by optimisation, each with its place in the group's folder.</param>
/// <param name="examples">Its examples.</param>
internal sealed class StoredUnits(
    string group, IEnumerable<(MadePicture Made, StoredPicture Place)> pictures, IEnumerable<ExamplePicture> examples)
{
    private readonly Dictionary<int, StoredPicture> _pictures = pictures.Where(one => one.Made.Result.Preset == RenderPresets.Paper.Preset)
        .ToDictionary(one => one.Made.Result.Unit, one => one.Place.Below(SafeName.Require(group, "a folder of pictures")));

    private readonly Dictionary<(int Unit, int Rank), StoredPicture> _crops = examples.Where(one => one.Kind == ExampleKinds.Top)
        .ToDictionary(one => (one.Unit, one.Rank), one => one.Crop.Below(SafeName.Require(group, "a folder of pictures")));

    /// <summary>A unit's first picture by the paper's recipe; null where none was made.</summary>
    public StoredPicture? Picture(int unit) => _pictures.GetValueOrDefault(unit);

    /// <summary>The crop of one of its top examples; null where none was made.</summary>
    public StoredPicture? Crop(int unit, int rank) => _crops.GetValueOrDefault((unit, rank));
}
