using Fovea.Datasets;

namespace Fovea.Runs;

/// <summary>
/// Says what a run takes its images for, in lines of the log before the first stage and in <c>data.json</c> (<see cref="RunData"/>).
/// </summary>
public static class DataReport
{
    /// <summary>A line of the log that starts so is shown also where no other is.</summary>
    public const string Warning = "warning: ";

    /// <summary>Says what the images are, warns of what might surprise, and writes the document.</summary>
    internal static void Write(RunContext context)
    {
        IImageSource validation = context.Validation;
        IImageSource? training = context.Settings.Train is null ? null : context.Training;
        string[] notes = [.. validation.Notes.Concat(training?.Notes ?? []).Distinct()];
        foreach (string line in validation.Data?.Lines() ?? []) context.Log(line);
        foreach (string note in notes) context.Log(Warning + note);
        foreach (string line in context.Preparation.Lines) context.Log(line);
        DocumentFile.Write(
            Path.Combine(context.Run.Root, RunData.FileName),
                new RunData(training?.Count, validation.Count, notes) { Data = validation.Data });
    }
}
