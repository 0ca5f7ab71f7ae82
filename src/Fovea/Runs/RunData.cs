using Fovea.Datasets;
using Fovea.IO;

namespace Fovea.Runs;

/// <summary>What a run takes its images for: <c>data.json</c>, and lines in the log before the first stage.</summary>
/// <param name="Schema">Version of the document.</param>
/// <param name="Data">Layout, splits, classes, what is skipped, links.</param>
/// <param name="TrainingImages">Images that training reads; null where the run does not train.</param>
/// <param name="ValidationImages">Images that evaluation reads.</param>
/// <param name="Notes">What was left out or decided and might surprise.</param>
public sealed record RunData(int Schema, DataDescription? Data, int? TrainingImages, int ValidationImages, IReadOnlyList<string> Notes)
{
    /// <summary>The document's name in the run folder.</summary>
    public const string FileName = "data.json";

    /// <summary>A line of the log that starts so is shown also where no other is.</summary>
    public const string Warning = "warning: ";

    /// <summary>Says what the images are, warns of what might surprise, and writes the document.</summary>
    internal static void Report(RunContext context)
    {
        IImageSource validation = context.Validation;
        IImageSource? training = context.Settings.Train is null ? null : context.Training;
        string[] notes = [.. validation.Notes.Concat(training?.Notes ?? []).Distinct()];
        foreach (string line in validation.Data?.Lines() ?? []) context.Log(line);
        foreach (string note in notes) context.Log(Warning + note);
        JsonFile.Write(Path.Combine(context.Run.Root, FileName), new RunData(1, validation.Data, training?.Count, validation.Count, notes));
    }
}
