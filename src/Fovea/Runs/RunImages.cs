using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.IO;
using Fovea.Runs.Settings;

namespace Fovea.Runs;

/// <summary>Finds the image that a command line names: a file, or an id in the run's images.</summary>
public static class RunImages
{
    /// <summary>The image, with its class where that is known.</summary>
    /// <exception cref="FoveaException">There is neither a file nor an image of that name.</exception>
    public static (string Id, RgbImage Image, string? ClassName) Find(WorkflowSettings settings, string name)
    {
        if (File.Exists(name)) return (name, ImageCodec.Decode(PlainFile.ReadAllBytes(name), name), null);
        string example = "";
        foreach (bool training in (bool[])[settings.Harvest?.Split == "train", settings.Harvest?.Split != "train"])
        {
            // The run's settings have full paths. All images may be compared, also those a limit kept from the run.
            using IImageSource source = RunSources.Open(settings, training, Environment.CurrentDirectory, limited: false);
            for (int i = 0; i < source.Count; i++)
            {
                if (source.Id(i) == name || source.Id(i).EndsWith("/" + name, StringComparison.Ordinal))
                    return (source.Id(i), source.Read(i), source.LabelName(i) is { Length: > 0 } label ? label : null);
            }
            if (source.Count > 0) example = source.Id(0);
        }
        throw FoveaException.BadData(
            $"There is no file {name}, and no image of that name in the run's images (their names look like {example}).");
    }
}
