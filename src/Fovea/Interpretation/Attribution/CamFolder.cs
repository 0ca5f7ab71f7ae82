namespace Fovea.Interpretation.Attribution;

/// <summary>Puts maps and what was measured into a folder, whole: <c>cams.json</c> and the pictures it names.</summary>
public static class CamFolder
{
    /// <summary>The document's name.</summary>
    public const string DocumentName = CamsDocument.FileName;

    /// <summary>Draws and publishes.</summary>
    /// <param name="folder">Where; other files in it stay.</param>
    /// <param name="report">What was measured.</param>
    /// <param name="draw">Writes the pictures into the folder it is given (<see cref="CamPictures.Write"/>).</param>
    /// <param name="identity">What the figures were made of (<see cref="CamsDocument.Identity"/>).</param>
    /// <returns>The examples and the sheet (null without examples), relative to <paramref name="folder"/>.</returns>
    /// <exception cref="FoveaException">The folder cannot be written.</exception>
    public static (IReadOnlyList<CamExample> Examples, string? Sheet) Write(
        string folder, CamReport report, Func<string, IReadOnlyList<CamExample>> draw, string? identity = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(draw);
        IReadOnlyList<CamExample> examples = [];
        string? sheet = null;
        PictureSet.Write(folder, "maps", partial => examples = draw(partial), name =>
        {
            examples =
            [
                .. examples.Select(example => example with
                {
                    Input = example.Input.Below(name),
                    Overlays = example.Overlays.ToDictionary(pair => pair.Key, pair => pair.Value.Below(name)),
                }),
            ];
            sheet = examples.Count > 0 ? $"{name}/{CamPictures.SheetName}" : null;
            DocumentFile.Write(Path.Combine(folder, DocumentName), new CamsDocument(report, examples, sheet) { Identity = identity });
        });
        return (examples, sheet);
    }
}
