#!/usr/bin/env bash
# The aws CLI v1 against the embedded EC2: a network over three zones is built, looked at, broken in twenty ways and
# torn down. The account has to be as it was at the end.
#
# The environment says which server, credentials and region (AWS_*). Prints a line for each step; the first surprise
# ends it with exit status 1. The CLI's waiters look every 15 seconds: something else is done before each, so that they
# rarely sleep.
set -euo pipefail
trap 'echo "FAILED: line $LINENO: $BASH_COMMAND" >&2' ERR

ec2() { aws ec2 "$@" --output text; }
step() { printf '%s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
same() { [[ $2 == "$3" ]] || fail "$1 is '$2', expected '$3'"; }
named() { printf 'ResourceType=%s,Tags=[{Key=Name,Value=%s}]' "$1" "$2"; }

# The command has to be refused with this code, as the CLI shows it.
refused() {
  local code=$1 message status=0
  shift
  message=$(aws ec2 "$@" 2>&1) || status=$?
  ((status != 0)) || fail "aws ec2 $* succeeded, expected $code"
  [[ $message == *"An error occurred ($code) when calling the "*" operation: "?* ]] ||
    fail "aws ec2 $*: $message, expected $code"
  same "the exit status of aws ec2 $*" "$status" 255
  step "  refused: ${message#*An error occurred }"
}

# Until a command's output is this.
until_is() {
  local wanted=$1 found i
  shift
  for ((i = 0; i < 60; i++)); do
    found=$("$@")
    [[ $found == "$wanted" ]] && return
    sleep 0.2
  done
  fail "$* gives '$found', expected '$wanted'"
}

# Ids of what the account holds. (What hangs on a VPC goes before it.)
picture() {
  ec2 describe-vpcs --query 'sort(Vpcs[].VpcId)'
  ec2 describe-subnets --query 'sort(Subnets[].SubnetId)'
  ec2 describe-network-interfaces --query 'sort(NetworkInterfaces[].NetworkInterfaceId)'
  ec2 describe-internet-gateways --query 'sort(InternetGateways[].InternetGatewayId)'
  ec2 describe-addresses --query 'sort(Addresses[].AllocationId)'
  ec2 describe-key-pairs --query 'sort(KeyPairs[].KeyName)'
}

before=$(picture)

vpc=$(ec2 create-vpc --cidr-block 10.70.0.0/16 --tag-specifications "$(named vpc cli)" --query Vpc.VpcId)
aws ec2 wait vpc-available --vpc-ids "$vpc"
ec2 modify-vpc-attribute --vpc-id "$vpc" --enable-dns-hostnames
same "DNS hostnames" True "$(ec2 describe-vpc-attribute --vpc-id "$vpc" --attribute enableDnsHostnames \
  --query EnableDnsHostnames.Value)"
dhcp=$(ec2 create-dhcp-options --dhcp-configurations Key=domain-name,Values=cli.example \
  --query DhcpOptions.DhcpOptionsId)
ec2 associate-dhcp-options --dhcp-options-id "$dhcp" --vpc-id "$vpc"
gateway=$(ec2 create-internet-gateway --query InternetGateway.InternetGatewayId)
ec2 attach-internet-gateway --internet-gateway-id "$gateway" --vpc-id "$vpc"
step "a VPC with DHCP options and an internet gateway"

mapfile -t zones < <(ec2 describe-availability-zones --query 'AvailabilityZones[:3].[ZoneName]')
same zones "${#zones[@]}" 3
public=() private=()
for i in 0 1 2; do
  public+=("$(ec2 create-subnet --vpc-id "$vpc" --availability-zone "${zones[i]}" --cidr-block "10.70.$i.0/24" \
    --tag-specifications "$(named subnet "public-$i")" --query Subnet.SubnetId)")
  private+=("$(ec2 create-subnet --vpc-id "$vpc" --availability-zone "${zones[i]}" --cidr-block "10.70.1$i.0/24" \
    --tag-specifications "$(named subnet "private-$i")" --query Subnet.SubnetId)")
done
ec2 modify-subnet-attribute --subnet-id "${public[0]}" --map-public-ip-on-launch
same "the first subnet" "251 True" "$(ec2 describe-subnets --subnet-ids "${public[0]}" \
  --query 'Subnets[0].[AvailableIpAddressCount,MapPublicIpOnLaunch]' | tr '\t' ' ')"
step "six subnets over three zones"

allocation=$(ec2 allocate-address --domain vpc --query AllocationId)
nat=$(ec2 create-nat-gateway --subnet-id "${public[0]}" --allocation-id "$allocation" \
  --tag-specifications "$(named natgateway cli)" --query NatGateway.NatGatewayId)
public_table=$(ec2 create-route-table --vpc-id "$vpc" --query RouteTable.RouteTableId)
private_table=$(ec2 create-route-table --vpc-id "$vpc" --query RouteTable.RouteTableId)
same "a new route" True "$(ec2 create-route --route-table-id "$public_table" --destination-cidr-block 0.0.0.0/0 \
  --gateway-id "$gateway" --query Return)"
associations=()
for i in 0 1 2; do
  associations+=("$(ec2 associate-route-table --route-table-id "$public_table" --subnet-id "${public[i]}" \
    --query AssociationId)")
  associations+=("$(ec2 associate-route-table --route-table-id "$private_table" --subnet-id "${private[i]}" \
    --query AssociationId)")
done
aws ec2 wait nat-gateway-available --nat-gateway-ids "$nat"
ec2 create-route --route-table-id "$private_table" --destination-cidr-block 0.0.0.0/0 --nat-gateway-id "$nat" >/dev/null
same "the private default route" "$nat active" "$(ec2 describe-route-tables --route-table-ids "$private_table" \
  --query "RouteTables[0].Routes[?DestinationCidrBlock=='0.0.0.0/0'].[NatGatewayId,State]" | tr '\t' ' ')"
step "a NAT gateway, two route tables and their routes"

web=$(ec2 create-security-group --group-name web --description web --vpc-id "$vpc" --query GroupId)
app=$(ec2 create-security-group --group-name app --description app --vpc-id "$vpc" --query GroupId)
ec2 authorize-security-group-ingress --group-id "$web" --protocol tcp --port 443 --cidr 0.0.0.0/0 >/dev/null
rule=$(ec2 authorize-security-group-ingress --group-id "$app" --protocol tcp --port 8080 --source-group "$web" \
  --query 'SecurityGroupRules[0].SecurityGroupRuleId')
acl=$(ec2 create-network-acl --vpc-id "$vpc" --query NetworkAcl.NetworkAclId)
ec2 create-network-acl-entry --network-acl-id "$acl" --ingress --rule-number 100 --protocol tcp \
  --port-range From=443,To=443 --cidr-block 0.0.0.0/0 --rule-action allow
read -r acl_association default_acl < <(ec2 describe-network-acls \
  --filters "Name=association.subnet-id,Values=${private[2]}" \
  --query "NetworkAcls[0].Associations[?SubnetId=='${private[2]}'].[NetworkAclAssociationId,NetworkAclId]")
acl_association=$(ec2 replace-network-acl-association --association-id "$acl_association" --network-acl-id "$acl" \
  --query NewAssociationId)
step "two security groups and a network ACL"

key=$(ec2 create-key-pair --key-name cli --key-type ed25519 --query KeyMaterial)
[[ $key == *"PRIVATE KEY"* ]] || fail "a new key pair has its private key"
aws ec2 wait key-pair-exists --key-names cli
image=$(ec2 describe-images --owners amazon --filters 'Name=name,Values=al2023-ami-2023*-x86_64' \
  --query 'sort_by(Images, &CreationDate)[-1].ImageId')
instance=$(ec2 run-instances --image-id "$image" --instance-type t3.micro --key-name cli --subnet-id "${public[0]}" \
  --security-group-ids "$web" --private-ip-address 10.70.0.10 --user-data '#!/bin/true' \
  --tag-specifications "$(named instance cli)" --query 'Instances[0].InstanceId')
near=$(ec2 create-vpc --cidr-block 10.80.0.0/16 --query Vpc.VpcId)
peering=$(ec2 create-vpc-peering-connection --vpc-id "$vpc" --peer-vpc-id "$near" \
  --query VpcPeeringConnection.VpcPeeringConnectionId)
aws ec2 wait instance-running --instance-ids "$instance"
aws ec2 wait instance-status-ok --instance-ids "$instance"
address=$(ec2 allocate-address --domain vpc --query AllocationId)
association=$(ec2 associate-address --allocation-id "$address" --instance-id "$instance" --query AssociationId)
same "the instance" "10.70.0.10 running" "$(ec2 describe-instances --instance-ids "$instance" \
  --query 'Reservations[0].Instances[0].[PrivateIpAddress,State.Name]' | tr '\t' ' ')"
same "its user data" '#!/bin/true' "$(ec2 describe-instance-attribute --instance-id "$instance" --attribute userData \
  --query UserData.Value | base64 -d)"
step "an instance with an Elastic IP"

peering_status() {
  ec2 describe-vpc-peering-connections --vpc-peering-connection-ids "$peering" \
    --query 'VpcPeeringConnections[0].Status.Code'
}
until_is pending-acceptance peering_status
ec2 accept-vpc-peering-connection --vpc-peering-connection-id "$peering" >/dev/null
until_is active peering_status
ec2 create-route --route-table-id "$private_table" --destination-cidr-block 10.80.0.0/16 \
  --vpc-peering-connection-id "$peering" >/dev/null
endpoint=$(ec2 create-vpc-endpoint --vpc-id "$vpc" --service-name "com.amazonaws.$AWS_DEFAULT_REGION.s3" \
  --route-table-ids "$private_table" --query VpcEndpoint.VpcEndpointId)
same "routes of the private table" 4 "$(ec2 describe-route-tables --route-table-ids "$private_table" \
  --query 'length(RouteTables[0].Routes)')"
# The CLI pages by itself: ten pages of five are one answer.
same "instance types" "$(ec2 describe-instance-types --query 'length(InstanceTypes)')" \
  "$(ec2 describe-instance-types --page-size 5 --query 'InstanceTypes[].[InstanceType]' | wc -l)"
step "a peering and a gateway endpoint"

missing=0123456789abcdef0
whole=$(picture)
refused InvalidVpc.Range create-vpc --cidr-block 10.0.0.0/8
refused DryRunOperation create-vpc --cidr-block 10.0.0.0/16 --dry-run
refused DependencyViolation delete-vpc --vpc-id "$vpc"
refused InvalidSubnet.Conflict create-subnet --vpc-id "$vpc" --cidr-block 10.70.0.0/25
refused InvalidSubnet.Range create-subnet --vpc-id "$vpc" --cidr-block 10.99.0.0/24
refused DependencyViolation delete-subnet --subnet-id "${public[0]}"
refused DependencyViolation delete-security-group --group-id "$web"
refused DependencyViolation detach-internet-gateway --internet-gateway-id "$gateway" --vpc-id "$vpc"
refused DependencyViolation delete-internet-gateway --internet-gateway-id "$gateway"
refused DependencyViolation delete-route-table --route-table-id "$public_table"
refused DependencyViolation delete-network-acl --network-acl-id "$acl"
refused DependencyViolation delete-dhcp-options --dhcp-options-id "$dhcp"
refused RouteAlreadyExists create-route --route-table-id "$public_table" --destination-cidr-block 0.0.0.0/0 \
  --nat-gateway-id "$nat"
refused InvalidRoute.NotFound delete-route --route-table-id "$public_table" --destination-cidr-block 192.0.2.0/24
refused Resource.AlreadyAssociated associate-route-table --route-table-id "$public_table" --subnet-id "${private[0]}"
refused NetworkAclEntryAlreadyExists create-network-acl-entry --network-acl-id "$acl" --ingress --rule-number 100 \
  --protocol -1 --cidr-block 0.0.0.0/0 --rule-action deny
refused InvalidPermission.Duplicate authorize-security-group-ingress --group-id "$web" --protocol tcp --port 443 \
  --cidr 0.0.0.0/0
refused InvalidPermission.NotFound revoke-security-group-ingress --group-id "$web" --protocol tcp --port 80 \
  --cidr 0.0.0.0/0
refused InvalidKeyPair.Duplicate create-key-pair --key-name cli
refused InvalidIPAddress.InUse release-address --allocation-id "$address"
refused InvalidIPAddress.InUse create-network-interface --subnet-id "${public[0]}" --private-ip-address 10.70.0.10
refused InvalidAMIID.NotFound run-instances --image-id "ami-$missing" --instance-type t3.micro \
  --subnet-id "${public[0]}"
refused NatGatewayNotFound delete-nat-gateway --nat-gateway-id "nat-$missing"
refused InvalidVpcID.NotFound describe-vpcs --vpc-ids "vpc-$missing"
refused InvalidSubnetID.NotFound describe-subnets --subnet-ids "${public[0]}" --region us-west-2
AWS_SECRET_ACCESS_KEY=wrong refused AuthFailure describe-vpcs
same "the account after refused commands" "$(picture)" "$whole"
step "more than twenty commands were refused, and nothing changed"

ec2 disassociate-address --association-id "$association"
ec2 terminate-instances --instance-ids "$instance" >/dev/null
ec2 delete-nat-gateway --nat-gateway-id "$nat" >/dev/null
ec2 delete-vpc-endpoints --vpc-endpoint-ids "$endpoint" >/dev/null
ec2 delete-vpc-peering-connection --vpc-peering-connection-id "$peering" >/dev/null
ec2 release-address --allocation-id "$address"
ec2 revoke-security-group-ingress --group-id "$app" --security-group-rule-ids "$rule" >/dev/null
for id in "${associations[@]}"; do ec2 disassociate-route-table --association-id "$id"; done
ec2 replace-network-acl-association --association-id "$acl_association" --network-acl-id "$default_acl" >/dev/null
ec2 delete-network-acl --network-acl-id "$acl"
aws ec2 wait nat-gateway-deleted --nat-gateway-ids "$nat"
aws ec2 wait instance-terminated --instance-ids "$instance"
aws ec2 wait vpc-peering-connection-deleted --vpc-peering-connection-ids "$peering"
ec2 release-address --allocation-id "$allocation"
ec2 delete-key-pair --key-name cli >/dev/null
for id in "$public_table" "$private_table"; do ec2 delete-route-table --route-table-id "$id"; done
for id in "${public[@]}" "${private[@]}"; do ec2 delete-subnet --subnet-id "$id"; done
for id in "$web" "$app"; do ec2 delete-security-group --group-id "$id" >/dev/null; done
ec2 detach-internet-gateway --internet-gateway-id "$gateway" --vpc-id "$vpc"
ec2 delete-internet-gateway --internet-gateway-id "$gateway"
for id in "$vpc" "$near"; do ec2 delete-vpc --vpc-id "$id"; done
ec2 delete-dhcp-options --dhcp-options-id "$dhcp"
same "the account at the end" "$(picture)" "$before"
step "the account is as it was"
