using Fovea.Activations;
using Fovea.Dictionaries.Training;
using Fovea.IO;
using Fovea.Runs.Settings;

namespace Fovea.Runs.Stages.Sweeps;

/// <summary>
/// Trains autoencoders of a sweep into <c>members/&lt;id&gt;/</c>, in waves; those whose numbers go wrong leave a note in place of their
/// weights.
/// </summary>
internal sealed class SweepTraining(RunContext context, SweepSettings settings, ActivationStore store, string stage)
{
    /// <summary>Where an autoencoder of a fold goes.</summary>
    public string Folder(SweepMember member, SweepFold fold)
    {
        string folder = context.Run.SweepMember(settings.Layer, settings.Name, member.Id);
        return settings.Folds == 1 ? folder : Path.Combine(folder, $"fold-{fold.Number}");
    }

    /// <summary>What went wrong with an autoencoder in the first fold in which something did; null where it was trained in all.</summary>
    public SweepFailure? FailureOf(SweepMember member, IReadOnlyList<SweepFold> folds) =>
        folds.Select(fold => Failed(Folder(member, fold))).FirstOrDefault(File.Exists) is { } path
            ? DocumentFile.Read<FailedMember>(path).Failure : null;

    /// <summary>Trains a wave in one fold, or goes on with it. No result depends on who trains together.</summary>
    /// <param name="wave">The autoencoders.</param>
    /// <param name="fold">The images.</param>
    /// <param name="scratch">Where states are kept until all are saved and the sweep is complete.</param>
    /// <param name="where">For progress.</param>
    public void Train(SweepMember[] wave, SweepFold fold, string scratch, string where)
    {
        string what = wave.Length == 1 ? wave[0].Id : $"{wave.Length} autoencoders ({wave[0].Id} … {wave[^1].Id})";
        var progress = new Reporter<StreamProgress>(
            value =>
            {
                if (value.Start is var (unit, done, total)) context.Report(stage, done, total, unit, $"{where}: {what}, before the first step");
                else context.Report(stage, value.Step, value.Steps, "steps", FormattableString.Invariant(
                    $"{where}: {what}, epoch {value.Epoch:0.0}, loss {value.Scores[0].Loss:0.0}, FVU {value.Scores.Min(one => one.Fvu):0.000} … {value.Scores.Max(one => one.Fvu):0.000}, L0 {value.Scores.Min(one => one.L0):0} … {value.Scores.Max(one => one.L0):0}, dead ≤ {value.Scores.Max(one => one.DeadFraction):0%}, {value.VectorsPerSecond:0} vectors/s each"));
            });
        var outcomes = AutoencoderTrainer.TrainEach(
            [.. wave.Select(member => new TrainingRequest(member.Options, SafeName.Combine(scratch, member.Id), context.Device))],
            store, fold.Training(wave[0].Filter), fold.HeldOut(settings), progress, context.Cancellation);
        foreach (var (member, outcome) in wave.Zip(outcomes))
        {
            using var trained = outcome.Trained;
            if (trained is not null) trained.Save(Folder(member, fold));
            else DocumentFile.Write(
                Failed(Folder(member, fold)), new FailedMember(new SweepFailure(member.Id, Baseline: false, outcome.Failure!.Message)));
        }
    }

    private static string Failed(string folder) => Path.Combine(folder, FailedMember.FileName);
}
