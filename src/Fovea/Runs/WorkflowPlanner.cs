using Fovea.Runs.Graph;
using Fovea.Runs.Speed;

namespace Fovea.Runs;

/// <summary>Adds up what the stages of a run take.</summary>
internal static class WorkflowPlanner
{
    public static WorkflowPlan Plan(RunContext context, IReadOnlyList<StageDecision> decisions)
    {
        using var speed = new MachineSpeed(context);
        StagePlan[] stages =
        [
            .. decisions.Select(decision =>
            {
                var cost = decision.Action == StageAction.Skip ? new StageCost(0) : decision.Stage.Cost(context, speed);
                return new StagePlan(
                    decision.Stage.Name, decision.Action.ToString()
                        .ToLowerInvariant(), cost.Images, cost.Vectors, cost.Bytes, cost.Seconds / 60);
            }),
        ];
        return new WorkflowPlan(FreeBytes(context.Run.Root), stages)
        {
            LeftOut = Settings.WithoutClasses.LeftOut(context.Settings, context.Validation.Classes.Count > 0),
            Preparation = context.Preparation.Lines,
            Rates = [.. speed.Rates.Select(rate => new PlanRate(rate.What, rate.Item, rate.Seconds))],
            CalibrationSeconds = speed.Seconds,
        };
    }

    /// <summary>
    /// Bytes free where a folder is, or would be; null where that cannot be known: of a drive that does not exist, or of a network share.
    /// </summary>
    public static long? FreeBytes(string folder)
    {
        string? existing = folder;
        // The root of a path has nothing above it, also where it does not exist.
        while (existing is not null && !Directory.Exists(existing)) existing = Path.GetDirectoryName(existing);
        if (existing is null) return null;
        try
        {
            return new DriveInfo(existing).AvailableFreeSpace;
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
