using System.Reflection;

namespace Fovea.Site.Api;

/// <summary>From what a type or member can take its comment: what it overrides, then what it implements.</summary>
internal static class BaseMembers
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    /// <summary>The members, nearest first.</summary>
    /// <param name="member">The type or member.</param>
    public static IEnumerable<MemberInfo> Of(MemberInfo member) => member switch
    {
        Type type => (type.BaseType is { } parent && parent != typeof(object) ? [parent] : Enumerable.Empty<MemberInfo>()).Concat(type.GetInterfaces()),
        ConstructorInfo constructor => constructor.DeclaringType!.BaseType?.GetConstructors(All).Where(one => Same(one, constructor)) ?? [],
        MethodInfo method => Methods(method),
        PropertyInfo property => property.GetAccessors(true).Take(1).SelectMany(Methods)
            .Select(based => (MemberInfo)based.DeclaringType!.GetProperties(All).First(other => other.GetAccessors(true).Contains(based))),
        EventInfo one => Methods(one.AddMethod!).Select(based => (MemberInfo)based.DeclaringType!.GetEvents(All).First(other => other.AddMethod == based)),
        _ => [],
    };

    private static IEnumerable<MethodInfo> Methods(MethodInfo method)
    {
        Type type = method.DeclaringType!;
        // Each type on the way up may say more than the first that declared it.
        if (method.IsVirtual && method.GetBaseDefinition() is { } root && root.DeclaringType != type)
        {
            for (Type? above = type.BaseType; above is not null; above = above.BaseType)
            {
                MethodInfo? based = above.GetMethods(All | BindingFlags.DeclaredOnly)
                    .FirstOrDefault(one => one.IsVirtual && one.GetBaseDefinition() == root && Same(one, method));
                if (based is not null) yield return based;
            }
        }
        if (type.IsInterface) yield break;
        foreach (Type contract in type.GetInterfaces())
        {
            InterfaceMapping map = type.GetInterfaceMap(contract);
            int at = Array.FindIndex(map.TargetMethods, one => one is not null && one.MetadataToken == method.MetadataToken && one.Module == method.Module);
            if (at >= 0) yield return map.InterfaceMethods[at];
        }
    }

    private static bool Same(MethodBase one, MethodBase other) => one.Name == other.Name && Types(one).SequenceEqual(Types(other));

    private static IEnumerable<string> Types(MethodBase method) => method.GetParameters().Select(parameter => parameter.ParameterType.Name);
}
