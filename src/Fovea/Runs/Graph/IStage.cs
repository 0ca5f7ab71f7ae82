using Fovea.IO;
using Fovea.Runs.Speed;

namespace Fovea.Runs.Graph;

/// <summary>
/// A stage of a run as a value: what it is made after, from which inputs, in which parts, and how these are joined.
/// <see cref="StageRunner"/> does the rest for all of them: lock, hashes, skipping, resuming, claims of parts, completion and scratch.
/// </summary>
internal interface IStage
{
    /// <summary>
    /// The name, unique in a run: a word that says the kind, and where a run may have several of the kind, which:
    /// <c>dictionary layer4/topk</c>.
    /// </summary>
    string Name { get; }

    /// <summary>Names of the stages whose results it reads. Their hashes are part of its own.</summary>
    IReadOnlyList<string> After { get; }

    /// <summary>Where its results go; no other stage writes there.</summary>
    string Folder(RunFolder run);

    /// <summary>
    /// What decides the results apart from the stages before: a record of the stage's own. What changes no result (how often a checkpoint
    /// is written, words for people) must not be in it.
    /// </summary>
    StageInputs Inputs(RunContext context);

    /// <summary>
    /// Refuses what can be known to fail before anything is computed. All checks of all stages run first, in a run and in its plan alike.
    /// </summary>
    /// <exception cref="FoveaException">What is wrong, and what to do about it.</exception>
    void Check(RunContext context);

    /// <summary>
    /// The pieces that can be made by themselves, in any order and by any process; asked for when the stages before are complete. The same
    /// inputs have the same parts.
    /// </summary>
    IReadOnlyList<StagePart> Parts(RunContext context);

    /// <summary>
    /// How many parts there are that can be made at once, where the recipe alone says it; null where it takes the images or the network's
    /// shapes.
    /// </summary>
    int? PartCount => null;

    /// <summary>
    /// Makes the parts that the queue gives out. A stage that makes several in one go faster than one by one does it here; what it makes
    /// may not depend on which of them it gets, or in what order.
    /// </summary>
    void MakeParts(RunContext context, PartQueue parts)
    {
        while (parts.Next() is { } part)
        {
            using WrittenFiles written = WrittenFiles.Begin();
            context.Part = parts.PlaceOf(part);
            try
            {
                part.Make(parts.Scratch(part));
            }
            finally
            {
                context.Part = null;
            }
            parts.Done(part, written.HashesIn(Folder(context.Run)));
        }
    }

    /// <summary>Makes the results that need all parts; done again, gives the same bytes.</summary>
    void Join(RunContext context)
    {
    }

    /// <summary>The same, after the parts' files are found to be what their makers wrote.</summary>
    /// <exception cref="FoveaException">Data: a file is missing, or not the one that its maker wrote; its part is made again the next
    /// time.</exception>
    void Join(RunContext context, JoinedParts parts)
    {
        parts.RequireFiles(Folder(context.Run));
        Join(context);
    }

    /// <summary>Called where the stage is found complete: a place to correct words that no result depends on.</summary>
    void Skipped(RunContext context)
    {
    }

    /// <summary>
    /// What making the stage would read, write and take: counts that the settings know, times what this machine takes for one of each.
    /// </summary>
    StageCost Cost(RunContext context, MachineSpeed speed);

    /// <summary>What the stage's results say, in a line for people; asked for where it is complete.</summary>
    string Summary(RunFolder run);

    /// <summary>Adds the figures of the stage's results, as far as they are there.</summary>
    WorkflowResult AddTo(WorkflowResult result, RunFolder run) => result;
}
