using Fovea.Cli.Recipes;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea train</c>: stage 1.</summary>
internal sealed class TrainCommand : StageCommand
{
    public TrainCommand(AppEnvironment app)
        : base(app, "train", "train", "Stage 1 of a run: fine-tune the network, evaluate it, analyse its errors.")
    {
        AddSetting<int>("--epochs", "train.epochs", "Passes over the training images", "N");
        AddSetting<int>("--batch-size", "train.batch_size", "Images a step", "N");
        AddSetting<double>("--learning-rate", "train.learning_rate", "Learning rate at the start of the cosine", "X");
        Examples = ["fovea train --run runs/demo", "fovea train --run runs/demo --epochs 3 --redo"];
    }

    protected override void Report(CommandContext context, Recipe recipe, WorkflowOutcome outcome)
    {
        int epochs = new RunDocuments(outcome.Run).Epochs();
        context.Result(
            new TrainResult(outcome.Run, outcome.Model.Top1, outcome.Model.Top5, outcome.Model.Loss, outcome.Model.Images, epochs),
            text => text.WriteLine($"{ModelLine.Of(outcome.Model)} after {epochs} epochs"));
    }
}
