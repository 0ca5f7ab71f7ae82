namespace Fovea.Explorer.RunFiles;

/// <summary>A class activation mapping with its measurements, shares of the images or of their positions, by the names the file gives them.</summary>
public sealed record CamMethod(string Name, string Formula, IReadOnlyList<(string Key, double? Value)> Measures);

/// <summary>A map laid over its image; the picture is relative to the run folder.</summary>
public sealed record CamOverlay(string Method, string? Picture);

/// <summary>An image under every method.</summary>
public sealed record CamExample(string Image, string ClassName, string? Picture, IReadOnlyList<CamOverlay> Overlays);

/// <summary>Class activation maps of a layer: <c>cams/LAYER/cams.json</c>.</summary>
public sealed record CamContents(long? Images, IReadOnlyList<CamMethod> Methods, IReadOnlyList<CamExample> Examples)
{
    /// <summary>All measurements, in the order in which the methods name them.</summary>
    public IReadOnlyList<string> Measures => [.. Methods.SelectMany(method => method.Measures).Select(measure => measure.Key).Distinct(StringComparer.Ordinal)];

    internal static CamContents? Read(string folder, string layer, ICollection<string> problems)
    {
        JsonView json = JsonView.Open(Path.Combine(folder, "cams", layer, "cams.json"), problems);
        string relative = $"cams/{layer}";
        JsonView report = json["report"];
        CamMethod[] methods = [.. report["methods"].Items.Select(method => new CamMethod(method["name"].Text ?? "", method["formula"].Text ?? "",
            [.. method.Fields.Where(field => field.Value.Number is not null).Select(field => (field.Name, field.Value.Number))]))];
        CamExample[] examples = [.. json["examples"].Items.Select(example => new CamExample(
            example["image"].Text ?? "", example["className"].Text ?? "", PictureFiles.Below(relative, example["input"]["file"].Text),
            [.. example["overlays"].Fields.Select(overlay => new CamOverlay(overlay.Name, PictureFiles.Below(relative, overlay.Value["file"].Text)))]))];
        return methods.Length + examples.Length == 0 ? null : new CamContents(report["images"].Integer, methods, examples);
    }
}
