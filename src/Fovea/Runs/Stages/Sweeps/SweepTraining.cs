using Fovea.Activations;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Training;
using Fovea.Runs.Settings;

namespace Fovea.Runs.Stages.Sweeps;

/// <summary>Trains the autoencoders of a sweep into <c>members/&lt;id&gt;/</c>, wave by wave; finished ones are kept, interrupted ones continued, failed ones left out.</summary>
internal sealed class SweepTraining(RunContext context, SweepSettings settings, ActivationStore store, SweepFailures failures, string stage)
{
    /// <summary>Where an autoencoder of a fold goes.</summary>
    public string Folder(SweepMember member, SweepFold fold)
    {
        string folder = context.Run.SweepMember(settings.Layer, settings.Name, member.Id);
        return settings.Folds == 1 ? folder : Path.Combine(folder, $"fold-{fold.Number}");
    }

    /// <summary>Trains what is not finished.</summary>
    public void Run(IReadOnlyList<SweepMember> members, IReadOnlyList<SweepFold> folds)
    {
        SweepMember[][] waves = [.. SweepPlan.Waves(members, store.Dimension)];
        int done = 0, all = waves.Length * folds.Count;
        foreach (var fold in folds)
        {
            foreach (var wave in waves) Train(wave, fold, ++done, all);
        }
    }

    private void Train(SweepMember[] wave, SweepFold fold, int number, int all)
    {
        // One that failed in another fold has no mean over all; what is settled needs no training, and no result depends on who trains together.
        SweepMember[] sound = [.. wave.Where(member => !failures.Include(member.Id, baseline: false))], open = [.. sound.Where(member => !IsSettled(Folder(member, fold)))];
        if (open.Length > 0) TrainTogether(open, fold, $"wave {number} of {all}");
        foreach (var member in sound.Where(member => File.Exists(Failed(Folder(member, fold)))))
            failures.Add(DocumentFile.Read<FailedMember>(Failed(Folder(member, fold))).Failure, FailureKind.Numerical);
    }

    private void TrainTogether(SweepMember[] wave, SweepFold fold, string where)
    {
        string what = wave.Length == 1 ? wave[0].Id : $"{wave.Length} autoencoders ({wave[0].Id} … {wave[^1].Id})";
        var progress = new Reporter<StreamProgress>(value => context.Report(stage, value.Step, value.Steps, "steps", FormattableString.Invariant(
            $"{where}: {what}, epoch {value.Epoch:0.0}, loss {value.Scores[0].Loss:0.0}, FVU {value.Scores.Min(one => one.Fvu):0.000} … {value.Scores.Max(one => one.Fvu):0.000}, L0 {value.Scores.Min(one => one.L0):0} … {value.Scores.Max(one => one.L0):0}, dead ≤ {value.Scores.Max(one => one.DeadFraction):0%}, {value.VectorsPerSecond:0} vectors/s each")));
        var outcomes = AutoencoderTrainer.TrainEach(
            [.. wave.Select(member => new TrainingRequest(member.Options, Resume(Folder(member, fold)), context.Device))],
            store, fold.Training(wave[0].Filter), fold.HeldOut(settings), progress, context.Cancellation);
        foreach (var (member, outcome) in wave.Zip(outcomes))
        {
            using var trained = outcome.Trained;
            if (trained is not null) trained.Save(Folder(member, fold));
            else DocumentFile.Write(Failed(Folder(member, fold)), new FailedMember(new SweepFailure(member.Id, Baseline: false, outcome.Failure!.Message)));
        }
        // Only when all are saved: until then a kill needs the states to make the missing ones again.
        foreach (var member in wave)
        {
            string resume = Resume(Folder(member, fold));
            if (Directory.Exists(resume)) Directory.Delete(resume, recursive: true);
        }
    }

    private static string Resume(string folder) => Path.Combine(folder, "resume");

    private static string Failed(string folder) => Path.Combine(folder, FailedMember.FileName);

    private static bool IsSettled(string folder) =>
        (File.Exists(Path.Combine(folder, AutoencoderFile.ConfigurationName)) || File.Exists(Failed(folder))) && !Directory.Exists(Resume(folder));
}
